package doctor

import "syscall"

// networks are file systems that other machines write to. See statfs(2).
var networks = map[uint32]string{
	0x6969:     "NFS",
	0x517B:     "SMB",
	0xFF534D42: "CIFS",
	0xFE534D42: "SMB",
	0x5346414F: "AFS",
	0x6B414653: "AFS",
	0x73757245: "Coda",
	0x564C:     "NCP",
}

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
	return disk{free: s.Bavail * uint64(s.Bsize), files: s.Ffree, counts: s.Files > 0, readOnly: s.Flags&readOnly != 0,
		network: networks[uint32(s.Type)], shared: shared[uint32(s.Type)]}, nil
}
