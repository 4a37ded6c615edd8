package doctor

import (
	"syscall"

	"dscosync/internal/ledger"
)

// shared are file systems that may be another machine's; what their locks do depends on how they were set up.
var shared = map[uint32]string{
	0x65735546: "FUSE",
	0x01021997: "9p",
	0x00C36400: "Ceph",
	0x0BD00BD0: "Lustre",
	0x47504653: "GPFS",
}

const readOnly = 1 // ST_RDONLY

func statfs(folder string) (disk, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return disk{}, err
	}
	network, err := ledger.Network(folder)
	return disk{free: s.Bavail * uint64(s.Bsize), files: s.Ffree, counts: s.Files > 0, readOnly: s.Flags&readOnly != 0,
		network: network, shared: shared[uint32(s.Type)]}, err
}
