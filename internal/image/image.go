// Package image finds the image that this code is in, in the memory of the running
// process: the executable, or the library that another program has loaded. It gives
// the parts of it that can not have changed since its author built it, which is
// where the texts of the program are.
//
// It reads memory and not files. A file may have been replaced by the next version,
// be readable for nobody, lie in the archive of an Android app, or be encrypted, as
// those of the App Store are; and which file it is, a library would have to ask its
// host for. In memory it is the image that runs, wherever it came from.
//
// Nothing is read before [Own] is called, and then only what says where the image
// is. What the pages of the image need is memory that the system can take back at
// any time.
//
// # What it can not do
//
// On platforms other than Linux, Android, Windows, macOS and iOS there is no image.
// An executable that was packed and unpacks itself has none either: its memory is
// not that of a file.
package image

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"sync"
	"unsafe"
)

// An Image is the read-only data of a program.
type Image struct{ parts [][]byte }

// landmark is in the data that is looked for.
const landmark = "the literals of a program lie beside each other"

var (
	errNoFile    = errors.New("it is not that of a file")
	errMalformed = errors.New("its headers are not as expected")
)

// Own returns the image that this code is in. It looks for it only once.
func Own() (*Image, error) {
	found.once.Do(func() { found.image, found.err = lookForOwn() })
	return found.image, found.err
}

// found is not made by sync.OnceValues: that would run before main, and link this
// package into each program.
var found struct {
	once  sync.Once
	image *Image
	err   error
}

func lookForOwn() (*Image, error) {
	parts, err := find(unsafe.StringData(landmark))
	if err != nil {
		return nil, fmt.Errorf("find the image of this program: %w", err)
	}
	im := &Image{parts}
	if !im.Holds(landmark) {
		return nil, fmt.Errorf("find the image of this program: %w", errMalformed)
	}
	return im, nil
}

// New returns an Image of these parts.
func New(parts ...[]byte) *Image { return &Image{parts} }

// Size is how many bytes it has.
func (im *Image) Size() (n int) {
	for _, p := range im.parts {
		n += len(p)
	}
	return n
}

// Holds reports whether the bytes of s lie in the image. Then s is a literal of the
// program, or a part of one: what was made while the program ran lies elsewhere.
func (im *Image) Holds(s string) bool {
	if s == "" {
		return false
	}
	at := uintptr(unsafe.Pointer(unsafe.StringData(s)))
	for _, p := range im.parts {
		from := uintptr(unsafe.Pointer(unsafe.SliceData(p)))
		if at >= from && at+uintptr(len(s)) <= from+uintptr(len(p)) {
			return true
		}
	}
	return false
}

// Each calls f for each part, whose bytes may not be changed nor kept. It is an
// error if a part can not be read any more, because somebody has cut its file short.
func (im *Image) Each(f func(part []byte)) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("read the image of this program: %v", fault)
		}
	}()
	for _, p := range im.parts {
		f(p)
	}
	return nil
}

// ID tells images apart without reading them: by what the linker has recorded, by
// how far code and data are from each other, and by the file of the executable. It
// is empty if nothing is known.
func ID() string {
	known.once.Do(func() { known.id = identify() })
	return known.id
}

var known struct {
	once sync.Once
	id   string
}

func identify() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	h := sha256.New()
	code := reflect.ValueOf(New).Pointer()
	fmt.Fprintln(h, runtime.Version(), runtime.GOOS, runtime.GOARCH, uintptr(unsafe.Pointer(unsafe.StringData(landmark)))-code)
	_, _ = io.WriteString(h, info.String())
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	file, err := os.Stat(exe)
	if err != nil {
		return ""
	}
	fmt.Fprintln(h, file.Size(), file.ModTime().UnixNano())
	return hex.EncodeToString(h.Sum(nil)[:16])
}
