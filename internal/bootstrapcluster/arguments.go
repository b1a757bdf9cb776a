package bootstrapcluster

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/internal/bootstrapcluster/controlplane"
)

const (
	dirFlag             = "dir"
	preflightChecksFlag = "machineset-preflight-checks"
	bareFlag            = "bare"
)

// arguments are those of a child.
func (c *Cluster) arguments(preflightChecks bool) []string {
	return []string{
		Command, "--" + dirFlag, c.options.Dir,
		fmt.Sprintf("--%s=%t", preflightChecksFlag, preflightChecks),
		fmt.Sprintf("--%s=%t", bareFlag, c.options.Bare),
	}
}

func parseArguments(args []string) (controlplane.Options, error) {
	var o controlplane.Options
	flags := flag.NewFlagSet(Command, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.Dir, dirFlag, "", "folder of the bootstrap cluster")
	flags.BoolVar(&o.MachineSetPreflightChecks, preflightChecksFlag, false, "wait for a stable control plane")
	flags.BoolVar(&o.Bare, bareFlag, false, "leave the controllers out")
	if err := flags.Parse(args); err != nil || o.Dir == "" || flags.NArg() > 0 {
		return o, errNotChild
	}
	return o, nil
}

// inherited are the variables that a child gets from this process. The rest
// is kept from it: logins and tokens that it has no use for, and settings of
// the libraries in it that would change what it does.
var inherited = []string{
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
	"SSL_CERT_FILE", "SSL_CERT_DIR", "PATH", "HOME", "XDG_CACHE_HOME", "USER", "TMPDIR", "TZ", "LANG",
	"GODEBUG", "GOMAXPROCS", "GOMEMLIMIT", "GOCOVERDIR", "GOTRACEBACK",
}

func environment(own []string, added []string) []string {
	var env []string
	for _, variable := range own {
		if name, _, _ := strings.Cut(variable, "="); slices.Contains(inherited, name) {
			env = append(env, variable)
		}
	}
	return append(env, added...)
}

func (c *Cluster) environment() []string { return environment(os.Environ(), c.options.Env) }
