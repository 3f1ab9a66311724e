package main

type flowCmds struct{}
