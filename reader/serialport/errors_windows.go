package serialport

// PermissionHint says how to be allowed to open a port. Windows says "access denied" for
// one that another program has open.
func PermissionHint(string) string { return "another program has it open: end it" }

func isBusy(error) bool      { return false }
func isNotSerial(error) bool { return false }
func isNoDevice(error) bool  { return false }
func inUse(error) bool       { return true }
