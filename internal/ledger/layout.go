package ledger

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"sort"
)

// layout reads a file as bbolt lays it out, to look at what bbolt believes unseen:
//
//   - when the newest of the two meta pages is spoilt, bbolt takes the other one, and the last commit never was;
//   - when the head of a page claims more pages than the page has, a commit frees these too, be they in use.
//
// See internal/common/page.go and meta.go in go.etcd.io/bbolt.
type layout struct {
	file     *os.File
	size     int64 // of a page in bytes
	root     uint64
	freelist uint64
	end      uint64              // the first page that was never used
	commit   uint64              // the last one's number
	heads    map[uint64]pageHead // looked at already
}

type metaPage struct {
	Magic, Version, PageSize, Flags          uint32
	Root, Sequence, Freelist, End, Tx, Check uint64
}

type pageHead struct {
	ID           uint64
	Flags, Count uint16
	Overflow     uint32 // pages it goes on for
}

const (
	headSize = 16 // of a page; an element's is the same
	branch   = 0x01
	leaf     = 0x02
	free     = 0x10
)

// readLayout reads the two meta pages. A crash cannot leave one of them torn: what counts of it is within one sector.
func readLayout(file *os.File) (layout, error) {
	var newest metaPage
	size := int64(0)
	for n := range int64(2) {
		raw := make([]byte, 64)
		if _, err := file.ReadAt(raw, n*size+headSize); err != nil {
			return layout{}, unread(err)
		}
		var m metaPage
		if _, err := binary.Decode(raw, binary.NativeEndian, &m); err != nil {
			return layout{}, err
		}
		sum := fnv.New64a()
		sum.Write(raw[:56])
		if m.Magic != 0xED0CDAED || m.Check != sum.Sum64() {
			return layout{}, &fault{fmt.Sprintf("meta page %d does not match its checksum", n)}
		}
		size = int64(m.PageSize)
		if m.Tx >= newest.Tx {
			newest = m
		}
	}
	return layout{file, size, newest.Root, newest.Freelist, newest.End, newest.Tx, map[uint64]pageHead{}}, nil
}

// head reads the head of a page that holds a table's rows or leads to them, and looks whether its length is that of
// what stands in it.
func (l *layout) head(id uint64) (pageHead, error) {
	if p, ok := l.heads[id]; ok {
		return p, nil
	}
	p, err := l.bare(id)
	if err != nil {
		return p, err
	}
	end := int64(headSize)
	if p.Count > 0 {
		last := int64(p.Count) * headSize
		raw := make([]byte, headSize)
		if _, err := l.file.ReadAt(raw, int64(id)*l.size+last); err != nil {
			return p, unread(err)
		}
		word := func(n int) int64 { return int64(binary.NativeEndian.Uint32(raw[4*n:])) }
		switch p.Flags {
		case leaf:
			end = last + word(1) + word(2) + word(3)
		case branch:
			end = last + word(0) + word(1)
		}
	}
	if p.Flags != leaf && p.Flags != branch || (end-1)/l.size != int64(p.Overflow) {
		return p, &fault{fmt.Sprintf("page %d has a wrong head", id)}
	}
	l.heads[id] = p
	return p, nil
}

func (l *layout) bare(id uint64) (pageHead, error) {
	var p pageHead
	if id < 2 || id >= l.end {
		return p, &fault{fmt.Sprintf("there is no page %d", id)}
	}
	raw := make([]byte, headSize)
	if _, err := l.file.ReadAt(raw, int64(id)*l.size); err != nil {
		return p, unread(err)
	}
	if _, err := binary.Decode(raw, binary.NativeEndian, &p); err != nil {
		return p, err
	}
	if p.ID != id || id+uint64(p.Overflow) >= l.end {
		return p, &fault{fmt.Sprintf("page %d has a wrong head", id)}
	}
	return p, nil
}

// free looks at the list of free pages, which each commit replaces. It may be a little longer than it needs to be.
func (l *layout) free() error {
	p, err := l.bare(l.freelist)
	if err != nil {
		return err
	}
	n := int64(p.Count)
	if n == 0xFFFF { // more of them than fit: the number is the first one
		raw := make([]byte, 8)
		if _, err := l.file.ReadAt(raw, int64(p.ID)*l.size+headSize); err != nil {
			return unread(err)
		}
		n = int64(min(binary.NativeEndian.Uint64(raw), l.end))
	}
	if p.Flags != free || int64(p.Overflow) > (headSize+8*(n+int64(p.Overflow)+2))/l.size {
		return &fault{fmt.Sprintf("page %d has a wrong head", p.ID)}
	}
	return nil
}

// path looks at the pages that a change of a key in the tree under a page may free: those on the way to it, and their
// neighbours, with which they may be merged.
func (l *layout) path(id uint64, key []byte) error {
	for range 32 {
		p, err := l.head(id)
		if err != nil || p.Flags == leaf {
			return err
		}
		raw := make([]byte, (int64(p.Overflow)+1)*l.size)
		if _, err := l.file.ReadAt(raw, int64(id)*l.size); err != nil {
			return unread(err)
		}
		child := func(n int) (first []byte, id uint64) {
			e := raw[headSize*(n+1):]
			from, length := binary.NativeEndian.Uint32(e), binary.NativeEndian.Uint32(e[4:])
			return e[from:][:length], binary.NativeEndian.Uint64(e[8:])
		}
		next := max(0, sort.Search(int(p.Count), func(n int) bool {
			first, _ := child(n)
			return bytes.Compare(first, key) > 0
		})-1)
		for n := max(0, next-1); n < min(int(p.Count), next+2); n++ {
			_, neighbour := child(n)
			if _, err := l.head(neighbour); err != nil {
				return err
			}
		}
		_, id = child(next)
	}
	return &fault{fmt.Sprintf("page %d leads to itself", id)}
}

// under looks at the heads of a page and of all that it leads to, which none of the pages seen may be.
func (l *layout) under(id uint64, seen map[uint64]bool) error {
	p, err := l.head(id)
	switch {
	case err != nil:
		return err
	case seen[id]:
		return &fault{fmt.Sprintf("page %d stands in two places", id)}
	}
	seen[id] = true
	if p.Flags == leaf {
		return nil
	}
	raw := make([]byte, (int64(p.Overflow)+1)*l.size)
	if _, err := l.file.ReadAt(raw, int64(id)*l.size); err != nil {
		return unread(err)
	}
	for n := range int(p.Count) {
		if err := l.under(binary.NativeEndian.Uint64(raw[headSize*(n+1)+8:]), seen); err != nil {
			return err
		}
	}
	return nil
}

func unread(err error) error {
	if err == io.EOF {
		return &fault{"a page is behind the end of the file"}
	}
	return err
}
