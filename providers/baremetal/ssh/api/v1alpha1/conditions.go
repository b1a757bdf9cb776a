package v1alpha1

import clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"

// The conditions of an SSHMachine, in the order in which they become true.
// Their messages say what is being done; where something failed on the host,
// the tail of the host's own log.
const (
	// HostClaimedCondition is true once the machine has a host.
	HostClaimedCondition = "HostClaimed"
	// NodeFilesInstalledCondition is true once the host has what a node needs
	// and containerd runs.
	NodeFilesInstalledCondition = "NodeFilesInstalled"
	// BootstrappedCondition is true once the bootstrap data has been run.
	BootstrappedCondition = "Bootstrapped"
	// MachineReadyCondition sums the others up.
	MachineReadyCondition = clusterv1.ReadyCondition
	// DeletingCondition is true while the machine is being deleted; its
	// message says what that waits for.
	DeletingCondition = clusterv1.DeletingCondition
)

// Reasons of HostClaimed.
const (
	WaitingForClusterInfrastructureReason = clusterv1.WaitingForClusterInfrastructureReadyReason
	WaitingForBootstrapDataReason         = clusterv1.WaitingForBootstrapDataReason
	// NoHostAvailableReason: the message lists the hosts and why each is not.
	NoHostAvailableReason = "NoHostAvailable"
	HostClaimedReason     = "HostClaimed"
	// HostUnfitReason: the host is clean and cannot be this machine.
	HostUnfitReason = "HostUnfit"
)

// Reasons of NodeFilesInstalled and Bootstrapped.
const (
	// WaitingReason: something before it is not done.
	WaitingReason = "Waiting"
	// ConnectingReason: the host is being connected to.
	ConnectingReason = "Connecting"
	// HostUnreachableReason: the host does not answer or the connection was
	// lost; it is being tried again.
	HostUnreachableReason = "HostUnreachable"
	// NodeFilesUnavailableReason: the bundle cannot be read.
	NodeFilesUnavailableReason = "NodeFilesUnavailable"
	InstallingReason           = "Installing"
	InstallFailedReason        = "InstallFailed"
	InstalledReason            = "Installed"
	BootstrappingReason        = "Bootstrapping"
	// BootstrapDataUnusableReason: the Secret is missing or of another format.
	BootstrapDataUnusableReason = "BootstrapDataUnusable"
	// BootstrapRetryingReason: it failed and is about to be tried again.
	BootstrapRetryingReason = "BootstrapRetrying"
	// BootstrapFailedReason: it failed for good; nothing more is tried.
	BootstrapFailedReason = "BootstrapFailed"
	BootstrappedReason    = "Bootstrapped"
)

// Reasons of Deleting, and of a deletion.
const (
	ResettingReason = "Resetting"
	ReleasedReason  = "Released"
)

// The conditions of an SSHHost.
const (
	// ReachableCondition is true while the host answers, logs us in and lets
	// us be root.
	ReachableCondition = "Reachable"
	// CleanCondition is true where nothing of a cluster is on the host. It is
	// not looked at while a machine has the host.
	CleanCondition = "Clean"
	// AvailableCondition is true where a machine can claim the host.
	AvailableCondition = clusterv1.AvailableCondition
)

// Reasons of an SSHHost's conditions.
const (
	ReachableReason          = "Reachable"
	UnreachableReason        = "Unreachable"
	CredentialsMissingReason = "CredentialsMissing"
	CleanReason              = "Clean"
	LeftoversReason          = "Leftovers"
	CleaningReason           = "Cleaning"
	CleaningFailedReason     = "CleaningFailed"
	InUseReason              = "InUse"
	AvailableReason          = "Available"
	NotReachableReason       = "NotReachable"
	NotCleanReason           = "NotClean"
	OwnedByAnotherReason     = "OwnedByAnother"
	NotYetProbedReason       = "NotYetProbed"
	BeingDeletedReason       = clusterv1.DeletingReason
)
