// Package controllers makes nodes of hosts that already run Linux: Cluster
// API's infrastructure controllers for SSHCluster, SSHMachine and SSHHost.
//
// All that must survive is in the objects and on the hosts, so that the
// process may be killed at any moment:
//
//   - A host belongs to the SSHMachine that its consumerRef names, from before
//     anything is done on it until it has been reset. The claim has an
//     optimistic lock; two machines never get one host.
//   - The host itself records the same owner, with the UID that the SSHMachine
//     had then, and runs whatever takes long by itself. Nothing is done on a
//     host that records another.
//   - A host that cannot be reset when its machine goes carries an annotation
//     until it has been.
//
// Work on a host runs in jobs beside the reconcilers (runner), which end, or
// report, and so make the reconciler look again. What is lost with the
// process is how often something has been tried.
package controllers
