package serialport

// Windows says "access denied" for a port that another program has open.
const permissionHint = "another program has it open: end it"

func isBusy(error) bool      { return false }
func isNotSerial(error) bool { return false }
func isNoDevice(error) bool  { return false }
func inUse(error) bool       { return true }
