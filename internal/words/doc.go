// Package words tells the words of a program's author from the data of the person
// who runs it. What a program prints is made of both:
//
//	open /home/ada/wallet.db: permission denied
//	     ~~~~~~~~~~~~~~~~~~~
//
// The words of the author are in the image of the program, see package image. The
// data are not. So what of a text is found in the image stays, and … takes the
// place of the rest.
//
// The texts in an image lie one behind the other, without a mark where one ends, and
// any short word is a part of a longer one somewhere. So what is found counts only
// if it can not be chance, see evidence.go: several whole words at once, or less
// where the image has the hole of a format beside it, as in "user %q not found".
// Numbers stay where they are small and stand alone among the author's words, and in
// the texts of the runtime. Some words are of nobody's data and stay always: those
// of the operating system, of Go, and of this library, see public.go.
//
// All texts of a report are read together, because the image is read once for them:
//
//	r := words.NewReading(own, memory)
//	r.Add(text)            // for each text
//	r.Decide()             // reads the image
//	r.Text(text)           // open …: permission denied
//
// Without an image nothing stays but the public words.
//
// # What it costs
//
// The time for a report grows with the size of the image: about a millisecond for
// each megabyte. Nothing of the image is copied or kept. What was decided on the last
// texts is kept, up to 128 kB: a report whose texts were all there before costs no
// reading of the image, see [Memory].
package words
