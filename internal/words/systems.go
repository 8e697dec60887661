package words

// The texts of this file are those of operating systems. They say nothing about
// anybody. Those of Linux, macOS and FreeBSD are as package syscall has them; those
// of Windows are what the English one says, and in any other language only what is
// in the image stays.

// errorTexts are those of errno.
const errorTexts = `
.lib section in a.out corrupted
EMULTIHOP (Reserved)
ENOLINK (Reserved)
RFS specific error
RPC prog. not avail
RPC struct is bad
RPC version wrong
STREAM ioctl timeout
accessing a corrupted shared library
address already in use
address family not supported by protocol
address family not supported by protocol family
advertise error
argument list too long
attempting to link in too many shared libraries
attribute not found
authentication error
bad CPU type in executable
bad address
bad executable (or shared library)
bad file descriptor
bad font file format
bad message
bad procedure for program
block device required
broken pipe
can not access a needed shared library
can't assign requested address
can't send after socket shutdown
cannot allocate memory
cannot assign requested address
cannot exec a shared library directly
cannot send after transport endpoint shutdown
capabilities insufficient
channel number out of range
communication error on send
connection refused
connection reset by peer
connection timed out
cross-device link
destination address required
device busy
device error
device not a stream
device not configured
device or resource busy
device power is off
directory not empty
disc quota exceeded
disk quota exceeded
exchange full
exec format error
file descriptor in bad state
file exists
file name too long
file too large
function not implemented
host is down
identifier removed
illegal byte sequence
illegal seek
inappropriate file type or format
inappropriate ioctl for device
input/output error
interface output queue is full
interrupted system call
interrupted system call should be restarted
invalid argument
invalid cross-device link
invalid exchange
invalid or incomplete multibyte or wide character
invalid request code
invalid request descriptor
invalid slot
is a directory
is a named type file
key has been revoked
key has expired
key was rejected by service
level 2 halted
level 2 not synchronized
level 3 halted
level 3 reset
link has been severed
link number out of range
machine is not on the network
malformed Mach-o file
memory page has hardware error
message too long
multihop attempted
name not unique on network
need authenticator
network dropped connection on reset
network is down
network is unreachable
no CSI structure available
no STREAM resources
no XENIX semaphores available
no anode
no buffer space available
no child processes
no data available
no locks available
no medium found
no message available on STREAM
no message of desired type
no route to host
no space left on device
no such device
no such device or address
no such file or directory
no such process
not a STREAM
not a XENIX named type file
not a directory
not permitted in capability mode
numerical argument out of domain
numerical result out of range
object is remote
operation already in progress
operation canceled
operation not permitted
operation not possible due to RF-kill
operation not supported
operation not supported by device
operation not supported on socket
operation now in progress
operation timed out
out of streams resources
owner died
package not installed
permission denied
policy not found
previous owner died
program version wrong
programming error
protocol driver not attached
protocol error
protocol family not supported
protocol not available
protocol not supported
protocol wrong type for socket
read-only file system
remote I/O error
remote address changed
required key not available
resource busy
resource deadlock avoided
resource temporarily unavailable
result too large
shared library version mismatch
socket is already connected
socket is not connected
socket operation on non-socket
socket type not supported
software caused connection abort
srmount error
stale NFS file handle
stale file handle
state not recoverable
streams pipe error
structure needs cleaning
text file busy
timer expired
too many levels of remote in path
too many levels of symbolic links
too many links
too many open files
too many open files in system
too many processes
too many references: can't splice
too many references: cannot splice
too many users
transport endpoint is already connected
transport endpoint is not connected
value too large for defined data type
value too large to be stored in data type
wrong medium type
`

// signalTexts are those of signals.
const signalTexts = `
CPU time limit exceeded
EMT trap
I/O possible
abort trap
aborted
alarm clock
bad system call
broken pipe
bus error
child exited
continued
cputime limit exceeded
file size limit exceeded
filesize limit exceeded
floating point exception
hangup
illegal instruction
information request
interrupt
killed
power failure
profiling timer expired
quit
segmentation fault
stack fault
stopped
stopped (signal)
stopped (tty input)
stopped (tty output)
suspended
suspended (signal)
terminated
trace/BPT trap
trace/breakpoint trap
unknown signal
urgent I/O condition
user defined signal 1
user defined signal 2
virtual timer expired
window changed
window size changes
`

// windowsTexts are messages of Windows.
// https://learn.microsoft.com/windows/win32/debug/system-error-codes
const windowsTexts = `
Incorrect function.
The system cannot find the file specified.
The system cannot find the path specified.
The system cannot open the file.
Access is denied.
The handle is invalid.
Not enough memory resources are available to process this command.
The access code is invalid.
The data is invalid.
The system cannot find the drive specified.
The directory cannot be removed.
The system cannot move the file to a different disk drive.
There are no more files.
The media is write protected.
The device is not ready.
The process cannot access the file because it is being used by another process.
The process cannot access the file because another process has locked a portion of the file.
Reached the end of the file.
The disk is full.
The request is not supported.
The network path was not found.
A duplicate name exists on the network.
The network is busy.
The specified network resource or device is no longer available.
The specified network name is no longer available.
The specified network name cannot be found.
The file exists.
The directory or file cannot be created.
The parameter is incorrect.
The pipe has been ended.
The system cannot open the device or file specified.
There is not enough space on the disk.
The semaphore timeout period has expired.
The data area passed to a system call is too small.
The filename, directory name, or volume label syntax is incorrect.
The specified module could not be found.
The specified procedure could not be found.
There are no child processes to wait for.
The directory is not empty.
The segment is already unlocked.
Cannot create a file when that file already exists.
The filename or extension is too long.
More data is available.
No more data is available.
The wait operation timed out.
The directory name is invalid.
The extended attributes are inconsistent.
The I/O operation has been aborted because of either a thread exit or an application request.
Overlapped I/O event is not in a signaled state.
Overlapped I/O operation is in progress.
The requested operation requires elevation.
A required privilege is not held by the client.
The operation completed successfully.
The operation was canceled by the user.
This operation returned because the timeout period expired.
The remote computer refused the network connection.
The network connection was aborted by the local system.
The network location cannot be reached. For information about network troubleshooting, see Windows Help.
No such host is known.
This is usually a temporary error during hostname resolution and means that the local server did not receive a response from an authoritative server.
The requested name is valid, but no data of the requested type was found.
An attempt was made to access a socket in a way forbidden by its access permissions.
Only one usage of each socket address (protocol/network address/port) is normally permitted.
The requested address is not valid in its context.
A socket operation encountered a dead network.
A socket operation was attempted to an unreachable network.
A socket operation was attempted to an unreachable host.
An established connection was aborted by the software in your host machine.
An existing connection was forcibly closed by the remote host.
No connection could be made because the target machine actively refused it.
A connection attempt failed because the connected party did not properly respond after a period of time, or established connection failed because connected host has failed to respond.
The attempted operation is not supported for the type of object referenced.
An invalid argument was supplied.
The file cannot be accessed by the system.
The user name or password is incorrect.
The service did not respond to the start or control request in a timely fashion.
Data error (cyclic redundancy check).
Insufficient system resources exist to complete the requested service.
The file or directory is corrupted and unreadable.
The device does not recognize the command.
The paging file is too small for this operation to complete.
A blocking operation was interrupted by a call to WSACancelBlockingCall.
The system cannot execute the specified program.
%1 is not a valid Win32 application.
This version of %1 is not compatible with the version of Windows you're running.
`

// libraryTexts are those of resolvers and of C libraries.
const libraryTexts = `
no such host
server misbehaving
Name or service not known
Temporary failure in name resolution
No address associated with hostname
nodename nor servname provided, or not known
Non-recoverable failure in name resolution
hostname nor servname provided, or not known
no suitable address found
unknown network
network is unreachable
No route to host
Connection refused
Connection reset by peer
Connection timed out
Broken pipe
Permission denied
No such file or directory
Operation not permitted
Device or resource busy
No space left on device
Read-only file system
Too many open files
File exists
Is a directory
Not a directory
Directory not empty
Cannot allocate memory
Input/output error
Invalid argument
Interrupted system call
Resource temporarily unavailable
Address already in use
Network is unreachable
Text file busy
Illegal instruction
Segmentation fault
Bus error
Killed
Terminated
`
