package archive

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"groundwork.dev/bootstrap/images/tarindex"
)

// level is how layers are compressed: with 450 MB of Go binaries, level 2 of
// the library (zstd's 3) makes 29 % of them at 100 MB/s, its next level 27 %
// at a third of the speed, gzip 30 % at a third too. containerd 2.2 imports
// them in 60 % of the time that it takes for uncompressed layers, which it
// writes twice, and 57 % of that for gzip.
const level = zstd.SpeedDefault

// newCompressor compresses to w. One goroutine: the output then depends on
// nothing but the input, and images are made in parallel anyway.
func newCompressor(w io.Writer) (*zstd.Encoder, error) {
	return zstd.NewWriter(w, zstd.WithEncoderLevel(level), zstd.WithEncoderConcurrency(1))
}

// decompress reads what r holds, however it is compressed.
func decompress(r io.Reader) (io.ReadCloser, error) {
	buffered := bufio.NewReaderSize(r, 256<<10)
	head, err := buffered.Peek(6)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch how := tarindex.Compression(head); how {
	case "":
		return io.NopCloser(buffered), nil
	case "gzip":
		return gzip.NewReader(buffered)
	case "zstd":
		d, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	default:
		return nil, fmt.Errorf("it is compressed with %s: only gzip and zstd are known", how)
	}
}
