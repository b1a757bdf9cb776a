package vsphere

import (
	"errors"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
)

// The messages are as CAPV 1.16, govmomi 0.56 and vCenter word them.
func TestErrorsOfTheVCenter(t *testing.T) {
	const vm = `for "infrastructure.cluster.x-k8s.io/v1beta2, Kind=VSphereVM eksa-system/full-abc"`
	p := newProvider(t, fullConfig(t, nil))
	for _, test := range []struct {
		message string
		summary string // empty: not certain
	}{
		{`unable to find template by name "/North/vm/gone": vm '/North/vm/gone' not found`, "template"},
		{`unable to find template by name "gone": path 'gone' resolves to multiple vms`, "template"},
		{`unable to get folder ` + vm + `: folder '/North/vm/gone' not found`, "folder"},
		{`unable to get resource pool ` + vm + `: resource pool '*/Resources/gone' not found`, "resource pool"},
		{`unable to get resource pool ` + vm + `: default resource pool resolves to multiple instances, please specify`, "resource pool"},
		{`unable to get datastore gone ` + vm + `: datastore 'gone' not found`, "datastore for the machine is not"},
		{`error getting network specs ` + vm + `: unable to find network "gone": network 'gone' not found`, "network"},
		{`unable to get storageProfileID from name Gold ` + vm + `: no pbm profile found with name: "Gold"`, "storage policy is not"},
		{`no compatible datastores found for storage policy: Gold`, "fits no datastore"},
		{`Insufficient disk space on datastore 'shared'.`, "no room"},
		{`error trigging clone op for machine x: ServerFaultCode: NoDiskSpace`, "no room"},
		{`failed to create vCenter session: failed to find datacenter "gone": datacenter 'gone' not found`, "datacenter"},
		{`failed to login: ServerFaultCode: Cannot complete login due to an incorrect user name or password.`, "refuses the user name"},
		{`Post "https://vc/sdk": host "vc:443" thumbprint does not match "AB:CD"`, "certificate"},
		{`error getting disk spec: Error getting disk config spec for primary disk: can't resize template disk down, initial capacity is larger: 41943040KiB > 26214400KiB`, "smaller than its template"},
		{`failed to attach tags [urn:x] to VM full-abc: 404 Not Found`, "tags"},
		{`ServerFaultCode: Permission to perform this operation was denied.`, "privilege"},

		{"", ""},
		{`Post "https://vc/sdk": dial tcp 10.0.0.9:443: connect: connection refused`, ""},
		{`Post "https://vc/sdk": net/http: TLS handshake timeout`, ""},
		{`failed to login: Post "https://vc/sdk": context deadline exceeded`, ""},
		{`failed to login: 503 Service Unavailable`, ""},
		{`failed to login: ServerFaultCode: A general system error occurred: the service is starting`, ""},
		{`unable to find template by name "x": Post "https://vc/sdk": EOF`, ""},
		{`ServerFaultCode: The session is not authenticated.`, ""},
		{`failed to get bootstrap data secret`, ""},
		{`something nobody has seen`, ""},
	} {
		err := p.certainFailure("VSphereVM eksa-system/full-abc", test.message)
		var failed *failure.Error
		switch {
		case test.summary == "" && err != nil:
			t.Errorf("%q is taken for certain: %v", test.message, err)
		case test.summary == "":
		case !errors.As(err, &failed):
			t.Errorf("%q is not taken for certain", test.message)
		case !strings.Contains(failed.Summary, test.summary):
			t.Errorf("%q becomes %q, want %q in it", test.message, failed.Summary, test.summary)
		case failed.Remedy == "" || failed.Object == "" || !strings.Contains(err.Error(), test.message):
			t.Errorf("%q loses its object, remedy or cause: %#v", test.message, failed)
		}
	}
}
