package main

type dirCmds struct{}
