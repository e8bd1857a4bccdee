// Opens signed notes and checks Merkle proofs with golang.org/x/mod/sumdb, which shares no code with Tachograph.
//
//	note open VKEY-FILE NOTE...   every note must carry a good signature of the key
//	note prove PROOFS.json        every inclusion and consistency proof must hold
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type proofs struct {
	Size      int64
	Root      string
	Inclusion []struct {
		Index int64
		Leaf  string
		Path  []string
	}
	Consistency []struct {
		OldSize int64
		OldRoot string
		Path    []string
	}
}

func main() {
	if len(os.Args) < 3 {
		fail("usage: note open VKEY-FILE NOTE... | note prove PROOFS.json")
	}
	if os.Args[1] == "open" {
		open(os.Args[2], os.Args[3:])
		return
	}
	prove(os.Args[2])
}

func open(vkeyFile string, files []string) {
	verifier, err := note.NewVerifier(strings.TrimSpace(string(read(vkeyFile))))
	check(err)
	for _, file := range files {
		opened, err := note.Open(read(file), note.VerifierList(verifier))
		if err != nil {
			fail("%s: %v", file, err)
		}
		if len(opened.Sigs) != 1 || opened.Sigs[0].Name != verifier.Name() {
			fail("%s: expected one signature of %s", file, verifier.Name())
		}
	}
	fmt.Printf("%d notes opened\n", len(files))
}

func prove(file string) {
	var all proofs
	check(json.Unmarshal(read(file), &all))
	root := hashOf(all.Root)
	for _, one := range all.Inclusion {
		leaf := tlog.RecordHash([]byte(one.Leaf))
		check(tlog.CheckRecord(pathOf(one.Path), all.Size, root, one.Index, leaf))
		if tlog.CheckRecord(pathOf(one.Path), all.Size, root, one.Index, tlog.RecordHash([]byte("another"))) == nil {
			fail("a false leaf was accepted at %d", one.Index)
		}
	}
	for _, one := range all.Consistency {
		check(tlog.CheckTree(tlog.TreeProof(pathOf(one.Path)), all.Size, root, one.OldSize, hashOf(one.OldRoot)))
	}
	fmt.Printf("%d inclusion and %d consistency proofs hold\n", len(all.Inclusion), len(all.Consistency))
}

func pathOf(texts []string) []tlog.Hash {
	hashes := make([]tlog.Hash, len(texts))
	for i, text := range texts {
		hashes[i] = hashOf(text)
	}
	return hashes
}

func hashOf(text string) tlog.Hash {
	bytes, err := base64.StdEncoding.DecodeString(text)
	check(err)
	if len(bytes) != tlog.HashSize {
		fail("a hash has %d bytes", len(bytes))
	}
	return tlog.Hash(bytes)
}

func read(file string) []byte {
	bytes, err := os.ReadFile(file)
	check(err)
	return bytes
}

func check(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}
