// Package pull gets container images from their registries, or from the
// registry mirror that the configuration names.
package pull

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/images/archive"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/manifests/releases"
)

// Options say how registries are reached.
type Options struct {
	// Mirror is the configuration's; nil for none.
	Mirror *v1alpha1.RegistryMirrorConfiguration
	// Username and Password are the mirror's.
	Username string
	Password secret.String
	// Arch is the architecture whose image is taken, as Go names it.
	Arch string
}

// Puller gets images. It is safe for concurrent use.
type Puller struct {
	arch   string
	remote *remote.Puller
}

// New makes a Puller. The error is a *failure.Error.
func New(o Options) (*Puller, error) {
	roads, err := newRoads(o.Mirror)
	if err != nil {
		return nil, err
	}
	options := []remote.Option{
		remote.WithTransport(roads),
		remote.WithPlatform(v1.Platform{OS: "linux", Architecture: o.Arch}),
		remote.WithUserAgent("groundwork-bootstrap"),
	}
	if o.Mirror != nil && o.Mirror.Authenticate {
		if o.Username == "" || o.Password.Empty() {
			return nil, &failure.Error{
				Code: failure.Configuration, Object: "registry mirror " + address(o.Mirror),
				Summary: "the registry mirror asks for credentials and there are none",
				Remedy:  "set REGISTRY_USERNAME and REGISTRY_PASSWORD in the environment",
			}
		}
		options = append(options, remote.WithAuthFromKeychain(keychain{address(o.Mirror), o.Username, o.Password}))
	}
	puller, err := remote.NewPuller(options...)
	if err != nil {
		return nil, fmt.Errorf("reach registries: %w", err)
	}
	return &Puller{arch: o.Arch, remote: puller}, nil
}

func address(m *v1alpha1.RegistryMirrorConfiguration) string {
	return net.JoinHostPort(m.Endpoint, m.Port)
}

// keychain has the mirror's credentials, and nobody else's.
type keychain struct {
	registry, username string
	password           secret.String
}

// Resolve implements authn.Keychain.
func (k keychain) Resolve(r authn.Resource) (authn.Authenticator, error) {
	if r.RegistryStr() != k.registry {
		return authn.Anonymous, nil
	}
	return &authn.Basic{Username: k.username, Password: k.password.Reveal()}, nil
}

// Image finds an image; its layers are fetched when they are opened. The
// image has to have the digest that the release gives, where it gives one. The
// errors that a person can act on are *failure.Error. ctx is for the layers
// too.
func (p *Puller) Image(ctx context.Context, image releases.Image) (archive.Image, error) {
	reference, err := name.NewTag(image.String(), name.StrictValidation)
	if err != nil {
		return archive.Image{}, fmt.Errorf("%s: %w", image, err)
	}
	found, err := p.find(ctx, reference, image.Digest)
	if err != nil {
		return archive.Image{}, failed(ctx, image.String(), p.arch, err)
	}
	return found, nil
}

// errOther is an image with a digest that is not the release's.
type errOther struct{ got, want string }

func (e *errOther) Error() string {
	return fmt.Sprintf("its digest is %s, and the release's is %s", e.got, e.want)
}

func (p *Puller) find(ctx context.Context, reference name.Reference, digest string) (archive.Image, error) {
	d, err := p.remote.Get(ctx, reference)
	if err != nil {
		return archive.Image{}, err
	}
	if digest != "" && d.Digest.String() != digest {
		return archive.Image{}, &errOther{d.Digest.String(), digest}
	}
	image, err := d.Image()
	if err != nil {
		return archive.Image{}, err
	}
	config, err := image.RawConfigFile()
	if err != nil {
		return archive.Image{}, err
	}
	layers, err := image.Layers()
	if err != nil {
		return archive.Image{}, err
	}
	found := archive.Image{Config: config}
	for _, l := range layers {
		one, err := layer(l)
		if err != nil {
			return archive.Image{}, err
		}
		one.Open = named(reference.String(), p.arch, one.Open)
		found.Layers = append(found.Layers, one)
	}
	return found, nil
}

func layer(l v1.Layer) (archive.Layer, error) {
	id, errID := l.DiffID()
	size, errSize := l.Size()
	if err := errors.Join(errID, errSize); err != nil {
		return archive.Layer{}, err
	}
	return archive.Layer{
		DiffID: id.String(), Size: size,
		Open: func(context.Context) (io.ReadCloser, error) { return l.Compressed() },
	}, nil
}

// named gives the errors of a layer the image's name and a remedy.
func named(reference, arch string, open func(context.Context) (io.ReadCloser, error)) func(context.Context) (io.ReadCloser, error) {
	return func(ctx context.Context) (io.ReadCloser, error) {
		r, err := open(ctx)
		if err != nil {
			return nil, failed(ctx, reference, arch, err)
		}
		return &body{ReadCloser: r, failed: func(err error) error { return failed(ctx, reference, arch, err) }}, nil
	}
}

// body is a layer on its way.
type body struct {
	io.ReadCloser
	failed func(error) error
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.failed(err)
	}
	return n, err
}
