package remote

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
)

//go:embed verified.sh
var verifiedScript string

//go:embed probe.sh
var probeScript string

// gap is a file of which something is not on the host yet.
type gap struct {
	File
	offset int64 // what is there of it, in bytes
	// room is the free space where it goes, in bytes, -1 if unknown; mount
	// is where that is mounted.
	room  int64
	mount string
}

// rest is what has to be sent.
func (g gap) rest() int64 { return g.Size - g.offset }

type gaps []gap

func (g gaps) bytes() (sum int64) {
	for i := range g {
		sum += g[i].rest()
	}
	return sum
}

// probe asks the host what it has. What it has read once it need not read
// again; else it reads with as many processes as there are streams.
func (c *Client) probe(ctx context.Context, files []File) (gaps, error) {
	shards := make([][]File, min(copyStreams, len(files)))
	for i, f := range files {
		shards[i%len(shards)] = append(shards[i%len(shards)], f)
	}
	found := make([]gaps, len(shards))
	group, ctx := errgroup.WithContext(ctx)
	for i, shard := range shards {
		group.Go(func() (err error) {
			found[i], err = c.probeSome(ctx, shard)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var all gaps
	for _, g := range found {
		all = append(all, g...)
	}
	return all, nil
}

func (c *Client) probeSome(ctx context.Context, files []File) (gaps, error) {
	var questions strings.Builder
	for _, f := range files {
		fmt.Fprintf(&questions, "%s %d %04o %s\n", f.SHA256, f.Size, f.Mode.Perm(), f.Path)
	}
	result, err := c.Run(ctx, Command{Script: verifiedScript + probeScript, Stdin: strings.NewReader(questions.String())})
	if err != nil {
		return nil, err
	}
	answers := strings.Split(strings.TrimSuffix(result.Stdout, "\n"), "\n")
	if result.ExitCode != 0 || len(answers) != len(files) {
		return nil, c.copyFailed("the folders cannot be looked at", result.Stderr, errors.New("no answer"))
	}
	var missing gaps
	for i, f := range files {
		state, rest, _ := strings.Cut(answers[i], " ")
		if state == "present" {
			continue
		}
		g, digest, err := parseGap(f, rest)
		if err != nil {
			return nil, fmt.Errorf("%s gave the answer %q: %w", c.target.object(), answers[i], err)
		}
		if g.offset > 0 {
			if g.offset, err = resumable(ctx, g, digest); err != nil {
				return nil, c.unreadable(f, err)
			}
		}
		missing = append(missing, g)
	}
	return missing, nil
}

// parseGap reads "size digest room mount".
func parseGap(f File, answer string) (gap, string, error) {
	parts := strings.SplitN(answer, " ", 4)
	if len(parts) < 2 {
		return gap{}, "", errors.New("too short")
	}
	g := gap{File: f, room: -1}
	var err error
	if g.offset, err = strconv.ParseInt(parts[0], 10, 64); err != nil {
		return gap{}, "", err
	}
	if len(parts) == 4 {
		// Some file systems do not know what is free.
		if kib, err := strconv.ParseInt(parts[2], 10, 64); err == nil {
			g.room, g.mount = kib<<10, parts[3]
		}
	}
	return g, parts[1], nil
}

// resumable is what of the part on the host is the beginning of the file: all
// or nothing.
func resumable(ctx context.Context, g gap, digest string) (int64, error) {
	content, err := g.Open(ctx)
	if err != nil {
		return 0, err
	}
	reader := newContentReader(ctx, content, 0, g.offset, nil)
	defer reader.close()
	hash := sha256.New()
	if _, err := io.Copy(hash, reader); err != nil {
		return 0, err
	}
	if hex.EncodeToString(hash.Sum(nil)) != digest {
		return 0, nil
	}
	return g.offset, nil
}

// enoughRoom sees that what is missing fits before anything is sent.
func (c *Client) enoughRoom(missing gaps) error {
	need, room := map[string]int64{}, map[string]int64{}
	for _, g := range missing {
		if g.room >= 0 {
			need[g.mount] += g.rest()
			room[g.mount] = g.room
		}
	}
	for mount, bytes := range need {
		if bytes > room[mount] {
			return c.target.fail(ErrDiskFull, nil,
				fmt.Sprintf("the files need %s on %s, where %s are free", mebibytes(bytes), mount, mebibytes(room[mount])),
				fmt.Sprintf("Free at least %s on the host's %s, or make its file system larger.", mebibytes(bytes-room[mount]), mount))
		}
	}
	return nil
}

// mebibytes writes a size for people, rounded up.
func mebibytes(bytes int64) string { return fmt.Sprintf("%d MiB", (bytes+1<<20-1)>>20) }
