package controlplane

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"strings"
	"sync"

	"github.com/go-logr/logr"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/sys/unix"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
)

// LogFile is the name of the log in the folder of the bootstrap cluster; the
// previous one has .1 appended.
const LogFile = "control-plane.log"

// maxLogSize is when a new log is begun. With its predecessor it bounds what
// the control plane may write.
const maxLogSize = 32 << 20

// logWriter writes to files that are open on the log: in the child standard
// output and error, which its parent has opened so, and where what the runtime
// prints when it gives up lands too.
type logWriter struct {
	path  string
	max   int64
	files []*os.File // the first is written to; a new log replaces all

	mu   sync.Mutex
	size int64
}

func newLogWriter(path string, limit int64, files ...*os.File) *logWriter {
	w := &logWriter{path: path, max: limit, files: files}
	if info, err := os.Stat(path); err == nil {
		w.size = info.Size()
	}
	return w
}

// Write implements io.Writer.
func (w *logWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.size > 0 && w.size+int64(len(p)) > w.max {
		if err := w.rotate(); err != nil {
			return 0, err
		}
	}
	n, err := w.files[0].Write(p)
	w.size += int64(n)
	return n, err
}

func (w *logWriter) rotate() error {
	if err := os.Rename(w.path, w.path+".1"); err != nil {
		return fmt.Errorf("begin a new log: %w", err)
	}
	file, err := os.OpenFile(w.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("begin a new log: %w", err)
	}
	defer func() { _ = file.Close() }()
	for _, old := range w.files {
		if err := unix.Dup3(int(file.Fd()), int(old.Fd()), 0); err != nil {
			return fmt.Errorf("begin a new log: %w", err)
		}
	}
	w.size = 0
	return nil
}

// setUpLogging sends what every library in this process has to say to w, at
// the level at which none of them writes the content of objects.
func setUpLogging(w io.Writer) *slog.Logger {
	handler := discreet{slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo})}
	logger := slog.New(handler)
	slog.SetDefault(logger) // also takes over the standard library's log
	log.SetFlags(0)
	klog.SetSlogLogger(logger)
	ctrl.SetLogger(logr.FromSlogHandler(handler))
	return logger
}

// discreet leaves out the one message that is known to carry the content of
// objects: what a webhook said of one that it refused, which may quote files
// of a machine. Who made the object is told all the same.
type discreet struct{ slog.Handler }

const refusalPrefix = "rejected by webhook"

// Handle implements slog.Handler.
func (d discreet) Handle(ctx context.Context, r slog.Record) error {
	if strings.HasPrefix(r.Message, refusalPrefix) {
		name, _, _ := strings.Cut(r.Message, ":")
		r = slog.NewRecord(r.Time, r.Level, name, r.PC)
	}
	return d.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (d discreet) WithAttrs(attrs []slog.Attr) slog.Handler {
	return discreet{d.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (d discreet) WithGroup(name string) slog.Handler { return discreet{d.Handler.WithGroup(name)} }

func zapLogger(w io.Writer) *zap.Logger {
	config := zap.NewProductionEncoderConfig()
	config.EncodeTime = zapcore.ISO8601TimeEncoder
	return zap.New(zapcore.NewCore(zapcore.NewConsoleEncoder(config), zapcore.AddSync(w), zap.WarnLevel))
}
