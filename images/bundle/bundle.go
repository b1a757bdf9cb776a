// Package bundle is the node files of a release as a directory, a tar file
// or a web server's folder: the binaries and container images that make a
// host a node, each with its digest.
//
// A bundle holds an index (IndexFile) and the files that it names. The
// digest of the index stands for all of it: the index has the digest of every
// file.
package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
)

// Content is an open file of a bundle. It is safe for concurrent use.
type Content interface {
	io.ReaderAt
	io.Closer
}

// Bundle is an open bundle. It is safe for concurrent use.
type Bundle struct {
	location string
	index    Index
	digest   string
	entries  map[string]entry // by path
	source   source
}

// source is where the files of a bundle lie.
type source interface {
	// index reads the index's bytes.
	index(context.Context) ([]byte, error)
	// open opens one of the index's files.
	open(context.Context, entry) (Content, error)
	close() error
}

// Options are what Open takes for granted.
type Options struct {
	// Transport fetches bundles from a web server; nil is one that trusts
	// what the system trusts and goes through the environment's proxy.
	Transport http.RoundTripper
	// CacheDir is where files from a web server are kept, by digest; empty is
	// download.CacheDir.
	CacheDir string
}

// Open opens the bundle at location: a directory, an uncompressed .tar file
// of one, or the https URL of a folder that holds one. digest is that of its
// index ("sha256:…"), or "" to take the index as it is; a URL needs one. The
// errors that a person can act on are *failure.Error; one of a bad index
// names every problem.
func Open(ctx context.Context, location, digest string) (*Bundle, error) {
	return OpenWith(ctx, location, digest, Options{})
}

// OpenWith is Open with options.
func OpenWith(ctx context.Context, location, digest string, o Options) (*Bundle, error) {
	if digest != "" && !digestPattern.MatchString(digest) {
		return nil, &failure.Error{
			Code: failure.Configuration, Object: location,
			Summary: fmt.Sprintf("%q is not the digest of a bundle's index", digest),
			Remedy:  `give it as "sha256:" and 64 hexadecimal digits; bootstrap images export prints it`,
		}
	}
	s, err := newSource(location, digest, o)
	if err != nil {
		return nil, err
	}
	b, err := load(ctx, location, digest, s)
	if err != nil {
		s.close()
		return nil, err
	}
	return b, nil
}

func newSource(location, digest string, o Options) (source, error) {
	if strings.Contains(location, "://") {
		return newWeb(location, digest, o)
	}
	info, err := os.Stat(location)
	switch {
	case err != nil:
		return nil, &failure.Error{
			Code: failure.Configuration, Object: location, Err: cause(err),
			Summary: "the bundle of node files cannot be opened",
			Remedy:  "name the folder or .tar file that bootstrap images export made",
		}
	case info.IsDir():
		return newDirectory(location)
	}
	return newTarFile(location)
}

// load reads the index, checks it, and makes the bundle.
func load(ctx context.Context, location, digest string, s source) (*Bundle, error) {
	data, err := s.index(ctx)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	b := &Bundle{location: location, source: s, digest: "sha256:" + hex.EncodeToString(sum[:])}
	if digest != "" && digest != b.digest {
		return nil, &failure.Error{
			Code: failure.Configuration, Object: location,
			Summary: fmt.Sprintf("the bundle is another one: its index has the digest %s, not %s", b.digest, digest),
			Remedy:  "if the new bundle is meant, put its digest into the configuration; otherwise restore the one that was",
		}
	}
	index, problems := parseIndex(data)
	if len(problems) > 0 {
		return nil, &failure.Error{
			Code: failure.Configuration, Object: location, Err: problems,
			Summary: "the bundle's " + IndexFile + " cannot be used",
			Remedy:  "make the bundle again with bootstrap images export",
		}
	}
	b.index = *index
	b.entries = map[string]entry{}
	for _, e := range index.entries() {
		b.entries[e.path] = e
	}
	return b, nil
}

// Location is where the bundle was opened.
func (b *Bundle) Location() string { return b.location }

// Index is what the bundle holds.
func (b *Bundle) Index() Index { return b.index }

// Digest is the index's: "sha256:…".
func (b *Bundle) Digest() string { return b.digest }

// File opens the file at path, one of the index's. Its content is read as it
// is, apart from its size: who copies it compares the digest. A file of a web
// server is fetched first, as a whole, and its digest compared.
func (b *Bundle) File(ctx context.Context, path string) (Content, error) {
	e, ok := b.entries[path]
	if !ok {
		return nil, fmt.Errorf("the bundle %s has no file %q in its index", b.location, path)
	}
	return b.source.open(ctx, e)
}

// Close frees what Open took. Files that are open stay so.
func (b *Bundle) Close() error { return b.source.close() }
