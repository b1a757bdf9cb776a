package nodefiles

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io"
	"os"
)

// machines are the processor architectures in ELF files, by Go's names.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// Check is an error unless the file is a program for arch. Scripts run on
// all.
func Check(path, arch string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, 4)
	if _, err := io.ReadFull(f, head); err != nil {
		return fmt.Errorf("it is no program: %w", err)
	}
	if bytes.HasPrefix(head, []byte("#!")) {
		return nil
	}
	if string(head) != elf.ELFMAG {
		return fmt.Errorf("it is no program for Linux: it begins with %q", head)
	}
	program, err := elf.NewFile(f)
	if err != nil {
		return fmt.Errorf("it is no program that can be read: %w", err)
	}
	if program.Type != elf.ET_EXEC && program.Type != elf.ET_DYN {
		return fmt.Errorf("it is no program, but %s", program.Type)
	}
	if want := machines[arch]; program.Machine != want {
		return fmt.Errorf("it is for another processor: %s, and %s is %s", program.Machine, arch, want)
	}
	return nil
}
