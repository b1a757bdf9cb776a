package export

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"groundwork.dev/bootstrap/images"
	"groundwork.dev/bootstrap/images/archive"
	"groundwork.dev/bootstrap/images/nodefiles"
	"groundwork.dev/bootstrap/images/pull"
	"groundwork.dev/bootstrap/internal/failure"
)

// item is a file of the bundle.
type item struct {
	path string // in the bundle
	from string // where it comes from, for people

	// image is set for an image, binary for a binary.
	image        *archive.Image
	references   []string
	controlPlane bool
	binary       nodefiles.Source

	// sha256 and size are set when it is made.
	sha256 string
	size   int64
}

// find sets the items. What is missing, whether image or binary, is named at
// once. The folder, which may be nil, is closed by the caller.
func (e *exporter) find(ctx context.Context) (*archive.Folder, error) {
	needed := images.Nodes(e.Config, e.Release)
	binaries, errBinaries := e.binaries(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, s := range binaries {
		from := s.Path
		if from == "" {
			from = s.Fetched.URL
		}
		e.items = append(e.items, &item{path: "files/" + s.Name, from: from, binary: s})
	}
	var folder *archive.Folder
	var errImages error
	if e.Archives != "" {
		folder, errImages = e.inArchives(ctx, needed)
	} else {
		errImages = e.inRegistries(ctx, needed)
	}
	return folder, errors.Join(errBinaries, errImages)
}

func (e *exporter) binaries(ctx context.Context) ([]nodefiles.Source, error) {
	if e.Files != "" {
		return nodefiles.InFolder(e.Files, e.Arch)
	}
	return nodefiles.Published(ctx, e.client, e.Release, e.Arch)
}

// inArchives takes the images from the folder of archives.
func (e *exporter) inArchives(ctx context.Context, needed []images.Needed) (*archive.Folder, error) {
	folder, err := archive.OpenFolder(ctx, e.Archives, e.Arch, e.out.temporary)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, &failure.Error{
			Code: failure.Configuration, Object: e.Archives, Err: err,
			Summary: "the folder of image archives cannot be used",
			Remedy:  "keep archives of docker save, ctr export, skopeo or crane there, each whole, and nothing else that ends in .tar",
		}
	}
	var problems []string
	for _, n := range needed {
		references := names(n)
		image, file, ok := folder.Image(references...)
		if !ok {
			problems = append(problems, strings.Join(references, " or ")+" is missing")
			continue
		}
		if err := image.Check(e.Arch); err != nil {
			problems = append(problems, fmt.Sprintf("%s in %s: %v", n, file, err))
			continue
		}
		e.addImage(n, image, file)
	}
	if len(problems) > 0 {
		return folder, &failure.Error{
			Code: failure.Configuration, Object: e.Archives, Err: errors.New(strings.Join(problems, "\n")),
			Summary: fmt.Sprintf("the folder of image archives does not have all %d images of %s for linux/%s", len(needed), e.Release.EKSD, e.Arch),
			Remedy:  "save them under exactly these references on a machine with access to a registry, for example with docker save, and add the archives",
		}
	}
	return folder, nil
}

// inRegistries looks the images up; their layers are fetched later.
func (e *exporter) inRegistries(ctx context.Context, needed []images.Needed) error {
	puller, err := pull.New(pull.Options{
		Mirror:   e.Config.Cluster.Spec.RegistryMirrorConfiguration,
		Username: e.Username, Password: e.Password, Arch: e.Arch,
	})
	if err != nil {
		return err
	}
	found := make([]archive.Image, len(needed))
	problems := make([]error, len(needed))
	var group errgroup.Group
	group.SetLimit(2 * workers())
	for n, image := range needed {
		group.Go(func() error {
			found[n], problems[n] = puller.Image(ctx, image.Source)
			return nil
		})
	}
	_ = group.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := together(problems); err != nil {
		return err
	}
	for n, image := range needed {
		if err := found[n].Check(e.Arch); err != nil {
			problems[n] = &failure.Error{
				Code: failure.Configuration, Object: image.Source.String(), Err: err,
				Summary: "the registry has an image that cannot be used",
				Remedy:  "copy the image with all its platforms to the registry",
			}
			continue
		}
		e.addImage(image, found[n], "registry "+image.Source.String())
	}
	return together(problems)
}

// together is one error for those of many images: the first that a person can
// act on, with the objects and causes of all that are like it.
func together(problems []error) error {
	var first *failure.Error
	var lines []string
	for _, err := range problems {
		if err == nil {
			continue
		}
		var known *failure.Error
		if !errors.As(err, &known) {
			return err
		}
		if first == nil {
			first = known
		}
		line := known.Object
		if known.Err != nil {
			line += ": " + known.Err.Error()
		}
		lines = append(lines, line)
	}
	if first == nil {
		return nil
	}
	if len(lines) == 1 {
		return first
	}
	return &failure.Error{
		Code: first.Code, Err: errors.New(strings.Join(lines, "\n")), Remedy: first.Remedy,
		Summary: fmt.Sprintf("%d images cannot be had; of the first: %s", len(lines), first.Summary),
	}
}

func (e *exporter) addImage(n images.Needed, image archive.Image, from string) {
	e.items = append(e.items, &item{
		path: "images/" + n.Name + ".tar", from: from,
		image: &image, references: names(n), controlPlane: n.ControlPlane,
	})
}

// names are those that nodes may ask for an image by, its own first.
func names(n images.Needed) []string {
	list := []string{n.String()}
	if mirrored := n.Source.String(); mirrored != list[0] {
		list = append(list, mirrored)
	}
	return list
}
