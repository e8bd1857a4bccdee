// Opens signed notes and checks Merkle proofs with golang.org/x/mod/sumdb, which shares no code with Tachograph.
//
//	note open VKEY-FILE NOTE...   every note must carry a good signature of the key
//	note prove PROOFS.json        every inclusion and consistency proof must hold
//	note export VKEY-FILE DIR     every entry of an unpacked export must stand in its checkpoint (C2SP tlog-proof)
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
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
	switch {
	case os.Args[1] == "open":
		open(os.Args[2], os.Args[3:])
	case os.Args[1] == "export" && len(os.Args) == 4:
		export(os.Args[2], os.Args[3])
	default:
		prove(os.Args[2])
	}
}

// export checks DIR/leaves/N.json against DIR/proofs/N.tlog-proof.
func export(vkeyFile, dir string) {
	verifier, err := note.NewVerifier(strings.TrimSpace(string(read(vkeyFile))))
	check(err)
	files, err := filepath.Glob(filepath.Join(dir, "proofs", "*.tlog-proof"))
	check(err)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".tlog-proof")
		leaf := read(filepath.Join(dir, "leaves", name+".json"))
		checkProof(string(read(file)), leaf, verifier)
	}
	if len(files) == 0 {
		fail("no proofs in %s", dir)
	}
	fmt.Printf("%d proofs of an export hold\n", len(files))
}

func checkProof(proof string, leaf []byte, verifier note.Verifier) {
	head, checkpoint, found := strings.Cut(proof, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		fail("no tlog-proof")
	}
	var index int64
	_, err := fmt.Sscanf(lines[1], "index %d", &index)
	check(err)
	opened, err := note.Open([]byte(checkpoint), note.VerifierList(verifier))
	check(err)
	parts := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(parts[1], 10, 64)
	check(err)
	check(tlog.CheckRecord(pathOf(lines[2:]), size, hashOf(parts[2]), index, tlog.RecordHash(leaf)))
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
