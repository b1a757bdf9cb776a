package cache

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
)

// keyBytes is how much of a SHA-256 names an entry; a collision would have to
// be made on purpose.
const keyBytes = 8

// Key stands for everything that an entry is made from.
type Key struct {
	sum [sha256.Size]byte
}

// NewKey is the key of parts. Their order and where one ends matter.
func NewKey(parts ...string) Key {
	h := sha256.New()
	for _, p := range parts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(p)))
		h.Write(length[:])
		h.Write([]byte(p))
	}
	var k Key
	h.Sum(k.sum[:0])
	return k
}

// String is how the key stands in an entry's name.
func (k Key) String() string { return hex.EncodeToString(k.sum[:keyBytes]) }

var entryPattern = regexp.MustCompile(fmt.Sprintf(`^.+-[0-9a-f]{%d}$`, 2*keyBytes))

func isEntry(name string) bool { return entryPattern.MatchString(name) }

// OfFiles is the key of the files' contents, in this order.
func OfFiles(paths ...string) (Key, error) {
	parts := make([]string, len(paths))
	for i, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return Key{}, err
		}
		parts[i] = string(data)
	}
	return NewKey(parts...), nil
}
