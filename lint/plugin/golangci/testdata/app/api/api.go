package api

type Service struct{}

func (s *Service) Get(n int) int { return 1 / n } // want "entry point .*Service.*Get has no guard"

func HandleOne(n int) { println(1 / n) } // want "entry point HandleOne has no guard"
