package v1alpha1

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// Amazon EKS's rules for RegisterCluster (API reference, 2017-11-01), and the
// forms of regions and of IAM's ARNs.
var (
	awsRegion      = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)
	eksClusterName = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$`)
	iamRole        = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/\S+$`)
	iamPrincipal   = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/\S+$`)
)

const (
	maxEKSTags     = 50
	maxEKSTagKey   = 128 // characters
	maxEKSTagValue = 256
)

func (v *validator) registration() {
	r := v.config.AWSRegistration
	if r == nil {
		return
	}
	if v.required(r, "spec.region", r.Spec.Region, "write the AWS region, such as eu-central-1") {
		v.matches(r, "spec.region", r.Spec.Region, awsRegion, "an AWS region", "write one such as eu-central-1")
	}
	if r.Spec.ClusterName != "" {
		v.matches(r, "spec.clusterName", r.Spec.ClusterName, eksClusterName, "a name that EKS takes",
			"use at most 100 letters, digits, dashes and underscores, and begin with a letter or digit")
	}
	switch role := r.Spec.ConnectorRoleARN; {
	case role == "" && !r.Spec.CreateRole:
		v.add(r, "spec.connectorRoleARN", "the connector has no IAM role", "write the role's ARN, or createRole: true")
	case role != "" && r.Spec.CreateRole:
		v.add(r, "spec.createRole", "there is a role already", "remove connectorRoleARN or createRole")
	case role != "":
		v.matches(r, "spec.connectorRoleARN", role, iamRole, "the ARN of an IAM role", "write one such as arn:aws:iam::111122223333:role/eks-connector")
	}
	for i, viewer := range r.Spec.Viewers {
		v.matches(r, fmt.Sprintf("spec.viewers[%d]", i), viewer, iamPrincipal, "the ARN of an IAM user or role",
			"write one such as arn:aws:iam::111122223333:role/admins")
	}
	if len(r.Spec.Tags) > maxEKSTags {
		v.add(r, "spec.tags", fmt.Sprintf("there are %d tags, and EKS takes %d", len(r.Spec.Tags), maxEKSTags), "remove some")
	}
	for _, key := range slices.Sorted(maps.Keys(r.Spec.Tags)) {
		if key == "" || len([]rune(key)) > maxEKSTagKey || len([]rune(r.Spec.Tags[key])) > maxEKSTagValue {
			v.add(r, "spec.tags", fmt.Sprintf("the tag %s is too long, or has no key", quote(key)),
				fmt.Sprintf("keys have 1 to %d characters, values at most %d", maxEKSTagKey, maxEKSTagValue))
		}
	}
}

// matches adds a problem where value does not have the form.
func (v *validator) matches(object any, path, value string, form *regexp.Regexp, what, remedy string) {
	if !form.MatchString(value) {
		v.add(object, path, quote(value)+" is not "+what, remedy)
	}
}
