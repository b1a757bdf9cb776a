package kubeadm

import (
	"encoding/base64"
	"strings"

	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
)

const (
	owner = "root:root"
	// ownerOnly keeps a file from every user but root.
	ownerOnly = "0600"
)

// File is a file of root's with mode 0644, cloud-init's default. Cloud-init renders the whole user
// data as a Jinja template, file contents included, so content that Jinja
// would touch goes in base64.
func File(path, content string) bootstrapv1.File {
	f := bootstrapv1.File{Path: path, Owner: owner, Content: content}
	for _, mark := range []string{"{{", "{%", "{#"} {
		if strings.Contains(content, mark) {
			f.Content = base64.StdEncoding.EncodeToString([]byte(content))
			f.Encoding = bootstrapv1.Base64
			break
		}
	}
	return f
}

// secretFile is a file whose content is only in a Secret: it appears in no
// manifest.
func secretFile(path, secretName, key string) bootstrapv1.File {
	return bootstrapv1.File{
		Path:        path,
		Owner:       owner,
		Permissions: ownerOnly,
		ContentFrom: bootstrapv1.FileSource{Secret: bootstrapv1.SecretFileSource{Name: secretName, Key: key}},
	}
}
