package remote

import (
	"context"
	"io"
	"io/fs"
)

// File is a file to be on the host.
type File struct {
	// Path is absolute, on the host. Folders are made as needed.
	Path   string
	Mode   fs.FileMode
	SHA256 string // hexadecimal
	Size   int64  // bytes
	// Open gives the content.
	Open func(context.Context) (Content, error)
}

// Content is a file's content.
type Content interface {
	io.ReaderAt
	io.Closer
}

// CopyProgress is how far a Copy is, in bytes.
type CopyProgress struct {
	// Total is what has to be on the host, Present what was there already,
	// Sent what was sent.
	Total, Present, Sent int64
}

// Copy brings files to the host. What is there with the right digest stays;
// what an interrupted Copy has sent is not sent again; each file appears
// under its name only when its digest is right. onProgress may be nil.
func (c *Client) Copy(ctx context.Context, files []File, onProgress func(CopyProgress)) (CopyProgress, error) {
	panic("to be written")
}
