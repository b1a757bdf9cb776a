package export

import "sync"

// Progress is how far an Export is.
type Progress struct {
	// Path is the file of the bundle that has just been finished, empty where
	// only bytes were read; From is where it came from, Size what it has.
	Path, From string
	Size       int64
	// Kept is true where it was there already.
	Kept bool
	// Read and Total are the bytes of layers and packages, as far as they are
	// known yet.
	Read, Total int64
}

// teller counts, and tells who listens.
type teller struct {
	mu         sync.Mutex
	listen     func(Progress)
	now        Progress
	made, kept int
}

func newTeller(listen func(Progress)) *teller {
	if listen == nil {
		listen = func(Progress) {}
	}
	return &teller{listen: listen}
}

func (t *teller) expect(n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now.Total += n
}

func (t *teller) progress(n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now.Read += n
	t.listen(t.now)
}

func (t *teller) finished(i *item, kept bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if kept {
		t.kept++
	} else {
		t.made++
	}
	p := t.now
	p.Path, p.From, p.Size, p.Kept = i.path, i.from, i.size, kept
	t.listen(p)
}
