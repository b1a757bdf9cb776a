package v1alpha1

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/crypto/ssh"
)

// bundleName is what a bundle's file on the node can be called.
var bundleName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$`)

// linuxUser is what useradd of Ubuntu and Red Hat takes.
var linuxUser = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]{0,31}$`)

func (v *validator) osFamily(object any, family OSFamily) {
	v.oneOf(object, "spec.osFamily", string(family), []string{string(Ubuntu), string(RedHat), string(Bottlerocket)})
}

func (v *validator) users(object any, users []UserConfiguration) {
	seen := map[string]int{}
	for i, user := range users {
		path := fmt.Sprintf("spec.users[%d]", i)
		switch {
		case user.Name == "":
			v.add(object, path+".name", "the user has no name", "write one, such as "+DefaultUser)
		case !linuxUser.MatchString(user.Name):
			v.add(object, path+".name", fmt.Sprintf("%s is not a name that Linux takes for a user", quote(user.Name)), "use at most 32 letters, digits, dots, dashes and underscores; begin with a letter")
		}
		if first, twice := seen[user.Name]; twice && user.Name != "" {
			v.add(object, path+".name", fmt.Sprintf("users[%d] has the same name %s", first, quote(user.Name)), "put the keys of both under one of them")
		} else {
			seen[user.Name] = i
		}
		for j, key := range user.SshAuthorizedKeys {
			v.sshKey(object, fmt.Sprintf("%s.sshAuthorizedKeys[%d]", path, j), key)
		}
	}
}

// sshKey validates a line of authorized_keys. It never quotes it: what is
// pasted by mistake may be a private key.
func (v *validator) sshKey(object any, path, key string) {
	const remedy = "write a public key on one line, as in a .pub file: ssh-ed25519 AAAA… name"
	if strings.Contains(key, "PRIVATE KEY") {
		v.add(object, path, "this is a private key, and the file must not hold one", "write the public key, from the .pub file; and replace the key pair if anyone else has seen this file")
		return
	}
	if !v.required(object, path, strings.TrimSpace(key), remedy) {
		return
	}
	_, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(key))
	switch {
	case err != nil:
		v.add(object, path, "this is not an SSH public key, or it is cut short", remedy)
	case len(strings.TrimSpace(string(rest))) > 0:
		v.add(object, path, "there is more than one line here", "write each key as an item of its own")
	}
}

func (v *validator) hostOS(object any, host *HostOSConfiguration, family OSFamily) {
	if host == nil {
		return
	}
	const path = "spec.hostOSConfiguration"
	if ntp := host.NTPConfiguration; ntp != nil {
		if len(ntp.Servers) == 0 {
			v.add(object, path+".ntpConfiguration.servers", "there are no servers", "write one or more, or remove ntpConfiguration")
		}
		for i, server := range ntp.Servers {
			if !isNTPServer(server) {
				v.add(object, fmt.Sprintf("%s.ntpConfiguration.servers[%d]", path, i), fmt.Sprintf("%s is neither an IP address nor a host name", quote(server)), "write one such as pool.ntp.org")
			}
		}
	}
	seen := map[string]int{}
	for i, bundle := range host.CertBundles {
		at := fmt.Sprintf("%s.certBundles[%d]", path, i)
		first, twice := seen[bundle.Name]
		switch {
		case !v.required(object, at+".name", bundle.Name, "write a name"):
		case !bundleName.MatchString(bundle.Name):
			v.add(object, at+".name", fmt.Sprintf("%s cannot be the name of a file", quote(bundle.Name)), "use letters, digits, and . _ - after the first")
		case twice:
			v.add(object, at+".name", fmt.Sprintf("the name %s is there twice, also in certBundles[%d]", quote(bundle.Name), first), "give each bundle a name of its own")
		default:
			seen[bundle.Name] = i
		}
		if err := checkPEM(bundle.Data); err != nil {
			v.add(object, at+".data", err.Error(), "paste certificates as PEM, from BEGIN CERTIFICATE to END CERTIFICATE")
		}
	}
	if host.BottlerocketConfiguration != nil {
		v.bottlerocket(object, path+".bottlerocketConfiguration", host.BottlerocketConfiguration, family)
	}
}

// isNTPServer takes a host, or a URL of one as EKS Anywhere does.
func isNTPServer(server string) bool {
	if strings.Contains(server, "://") {
		u, err := url.Parse(server)
		if err != nil {
			return false
		}
		server = u.Hostname()
	}
	return isHost(server)
}

func (v *validator) bottlerocketOnly(object any, path string, family OSFamily) {
	if family != Bottlerocket {
		v.add(object, path, fmt.Sprintf("the field is for osFamily %s only, and this one is %s", Bottlerocket, family), "remove it")
	}
}

func (v *validator) bottlerocket(object any, path string, config *BottlerocketConfiguration, family OSFamily) {
	v.bottlerocketOnly(object, path, family)
	if k := config.Kubernetes; k != nil {
		for i, sysctl := range k.AllowedUnsafeSysctls {
			v.required(object, fmt.Sprintf("%s.kubernetes.allowedUnsafeSysctls[%d]", path, i), sysctl, "write a sysctl's name")
		}
		for i, ip := range k.ClusterDNSIPs {
			if !isIP(ip) {
				v.add(object, fmt.Sprintf("%s.kubernetes.clusterDNSIPs[%d]", path, i), fmt.Sprintf("%s is not an IP address", quote(ip)), "write an IP address")
			}
		}
		if k.MaxPods < 0 {
			v.add(object, path+".kubernetes.maxPods", fmt.Sprintf("the number is %d", k.MaxPods), "write 0 or more")
		}
	}
	if config.Kernel != nil {
		if _, empty := config.Kernel.SysctlSettings[""]; empty {
			v.add(object, path+".kernel.sysctlSettings", "a setting has no name", "write the sysctl's name before the colon")
		}
	}
	if config.Boot != nil {
		if _, empty := config.Boot.BootKernelParameters[""]; empty {
			v.add(object, path+".boot.bootKernelParameters", "a parameter has no name", "write the parameter's name before the colon")
		}
	}
}
