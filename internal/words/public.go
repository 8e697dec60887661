package words

import (
	"strings"
	"sync"
)

// phrases are words of nobody's data, which stay wherever they are. Case counts.
var phrases = sync.OnceValue(func() []byte {
	all := strings.Join([]string{errorTexts, signalTexts, windowsTexts, libraryTexts, runtimeTexts, placeholders}, "\n")
	return []byte("\x00" + strings.ReplaceAll(all, "\n", "\x00") + "\x00")
})

// set returns the lines of a list.
func set(list string) func() map[string]bool {
	return sync.OnceValue(func() map[string]bool {
		lines := make(map[string]bool)
		for _, line := range strings.Split(list, "\n") {
			lines[line] = line != ""
		}
		return lines
	})
}

var (
	// publicWords stay wherever they are.
	publicWords = set(typeWords)

	// openings are words with which an error of the standard library begins. They
	// stay where a text begins, or a part of it behind a colon, and something else
	// follows:
	//
	//	open /home/ada/wallet.db: permission denied
	openings = set(operations)

	// announcers are words behind which the name of something in the program stands:
	//
	//	Go struct field user.age of type int
	announcers = set("field\ntype\nmethod\nfunc\nfunction\nstruct\ninterface\npackage\nconversion")
)

// placeholders are what package scrub writes.
const placeholders = `
[Filtered]
[email]
[ip]
[mac]
[host]
`

// typeWords are names of types and of what documents can have.
const typeWords = `
bool
string
int
int8
int16
int32
int64
uint
uint8
uint16
uint32
uint64
uintptr
float32
float64
complex64
complex128
byte
rune
error
interface
struct
map
chan
func
nil
slice
array
object
number
null
true
false
EOF
`

// operations are those of fs.PathError, os.LinkError, os.SyscallError, net.OpError,
// url.Error and exec.Error.
const operations = `
open
openat
openfdat
read
readat
readfrom
readdir
readdirent
readdirnames
readlink
write
writeat
writeto
close
create
stat
lstat
fstat
mkdir
mkdirat
remove
removeall
rename
link
symlink
truncate
ftruncate
seek
chdir
chmod
chown
lchown
chtimes
sync
lock
unlock
flock
fcntl
pipe
fork
exec
wait
kill
dial
listen
accept
connect
bind
lookup
send
sendto
sendmsg
recv
recvfrom
recvmsg
socket
getsockopt
setsockopt
splice
sendfile
mmap
munmap
getwd
getcwd
CreateFile
FindFirstFile
GetFileAttributesEx
DeleteFile
RemoveDirectory
connectex
acceptex
wsarecv
wsasend
wsarecvfrom
wsasendto
getaddrinfow
parse
Get
Head
Post
Put
Patch
Delete
Options
`
