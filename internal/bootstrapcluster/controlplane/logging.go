package controlplane

import (
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
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

// logWriter writes to standard error, which the parent has opened on the log
// file, so that what the runtime prints when it gives up lands there too.
type logWriter struct {
	path string
	max  int64

	mu   sync.Mutex
	size int64
}

func newLogWriter(path string, limit int64) *logWriter {
	w := &logWriter{path: path, max: limit}
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
	n, err := os.Stderr.Write(p)
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
	for _, fd := range []int{unix.Stdout, unix.Stderr} {
		if err := unix.Dup3(int(file.Fd()), fd, 0); err != nil {
			return fmt.Errorf("begin a new log: %w", err)
		}
	}
	w.size = 0
	return nil
}

// setUpLogging sends what every library in this process has to say to w, at
// the level at which none of them writes the content of objects.
func setUpLogging(w io.Writer) *slog.Logger {
	handler := slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo})
	logger := slog.New(handler)
	slog.SetDefault(logger) // also takes over the standard library's log
	log.SetFlags(0)
	klog.SetSlogLogger(logger)
	ctrl.SetLogger(logr.FromSlogHandler(handler))
	return logger
}

func zapLogger(w io.Writer) *zap.Logger {
	config := zap.NewProductionEncoderConfig()
	config.EncodeTime = zapcore.ISO8601TimeEncoder
	return zap.New(zapcore.NewCore(zapcore.NewConsoleEncoder(config), zapcore.AddSync(w), zap.WarnLevel))
}
