package hardware

import (
	"fmt"
	"net/netip"

	"groundwork.dev/bootstrap/internal/secret"
)

// bmc reads the three columns of the management controller: all or none.
func (r *row) bmc() *BMC {
	columns := []string{columnBMCIP, columnBMCUsername, columnBMCPassword}
	given := 0
	for _, column := range columns {
		if r.value(column) != "" {
			given++
		}
	}
	if given == 0 {
		return nil
	}
	for _, column := range columns {
		if r.value(column) == "" {
			r.problem(column, "the value is missing, and other bmc columns have one", "fill bmc_ip, bmc_username and bmc_password, or none of them")
		}
	}
	if given < len(columns) {
		return nil
	}
	address, err := netip.ParseAddr(r.value(columnBMCIP))
	if err != nil {
		r.problem(columnBMCIP, fmt.Sprintf("%s is not an IP address", quote(r.value(columnBMCIP))), "write the management controller's address")
		return nil
	}
	r.unique(columnBMCIP, address.String())
	// Spaces at the ends may belong to a password; it is taken as it is.
	return &BMC{Address: address, Username: r.value(columnBMCUsername), Password: secret.New(r.values[r.columns[columnBMCPassword]])}
}
