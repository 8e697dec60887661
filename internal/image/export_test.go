package image

// SectionsPE and SectionsMachO read the headers at the begin of an image that is in
// memory, and return the sections with read-only data.
func SectionsPE(image []byte, offset int) ([][]byte, error) { return sectionsPE(&image[0], offset) }

func SectionsMachO(image []byte, offset int) ([][]byte, error) {
	return sectionsMachO(&image[0], offset)
}
