package command

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"os"

	"provemark/gnark/internal/fault"
)

// Circuit, keys, quantised model and witness end in a checksum that is compared before anything else is read: gnark's
// readers trust their input, and on damaged files they panic, hang or read on.

const (
	bufferBytes = 1 << 20
	sealBytes   = 8
)

var sealMark = [4]byte{'P', 'M', 'G', '1'}

// newSum starts with the kind of file, so that one kind is not taken for another.
func newSum(what string) hash.Hash32 {
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	io.WriteString(sum, what)
	return sum
}

func seal(sum hash.Hash32) []byte { return binary.BigEndian.AppendUint32(sealMark[:], sum.Sum32()) }

// writeSealed streams to a new file; an unfinished file is an error, not a short file.
func writeSealed(what, path string, write func(io.Writer) error) error {
	return writeFile(path, func(w io.Writer) error {
		sum := newSum(what)
		if err := write(io.MultiWriter(w, sum)); err != nil {
			return err
		}
		_, err := w.Write(seal(sum))
		return err
	})
}

func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return fault.New(fault.FileUnwritable, "cannot create %s: %v", path, err)
	}
	w := bufio.NewWriterSize(f, bufferBytes)
	if err := errors.Join(write(w), w.Flush(), f.Close()); err != nil {
		return fault.New(fault.FileUnwritable, "cannot write %s: %v", path, err)
	}
	return nil
}

// readSealed streams from a file that writeSealed wrote; read must consume all of it.
func readSealed(what, path string, read func(*bufio.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fault.New(fault.FileUnreadable, "cannot open the %s %s: %v", what, path, err)
	}
	defer f.Close()
	size, err := checkSeal(what, f)
	if err != nil {
		return fault.New(fault.FileUnreadable, "%s is not a complete %s of this program: %v", path, what, err)
	}
	r := bufio.NewReaderSize(io.NewSectionReader(f, 0, size), bufferBytes)
	if err := read(r); err != nil {
		return fault.New(fault.FileUnreadable, "%s is not a %s: %v", path, what, err)
	}
	if _, err := r.ReadByte(); err != io.EOF {
		return fault.New(fault.FileUnreadable, "%s is not a %s: it has bytes after its end", path, what)
	}
	return nil
}

// checkSeal returns the size of the sealed content.
func checkSeal(what string, f *os.File) (size int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if size = info.Size() - sealBytes; size < 0 {
		return 0, errors.New("it is too short")
	}
	sum := newSum(what)
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, size)); err != nil {
		return 0, err
	}
	var given [sealBytes]byte
	if _, err := f.ReadAt(given[:], size); err != nil {
		return 0, err
	}
	if string(given[:]) != string(seal(sum)) {
		return 0, errors.New("its checksum does not match")
	}
	return size, nil
}

// to and from adapt gnark's readers and writers.
func to(f func(io.Writer) (int64, error)) func(io.Writer) error {
	return func(w io.Writer) error { _, err := f(w); return err }
}

func from(f func(io.Reader) (int64, error)) func(*bufio.Reader) error {
	return func(r *bufio.Reader) error { _, err := f(r); return err }
}
