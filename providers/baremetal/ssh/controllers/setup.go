package controllers

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/util"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

// Options say what the controllers work with.
type Options struct {
	// Hosts are how hosts are reached; nil is SSH.
	Hosts Hosts
	// PerMachine and PerCluster are how many SSHMachines and SSHHosts, and
	// how many SSHClusters, are reconciled at a time; 0 is 1. Work on hosts is
	// not counted: it does not hold reconcilers up.
	PerMachine, PerCluster int

	timing *timing // nil is defaultTiming; for tests
}

// SetupWithManager adds the controllers to mgr. Their scheme and client are
// the manager's; its client must not cache Secrets' content. Jobs on hosts end
// when ctx does.
func SetupWithManager(ctx context.Context, mgr ctrl.Manager, o Options) error {
	if o.Hosts == nil {
		o.Hosts = sshHosts{}
	}
	t := defaultTiming()
	if o.timing != nil {
		t = *o.timing
	}
	hosts := &hostReconciler{
		Client: mgr.GetClient(), live: mgr.GetAPIReader(), hosts: o.Hosts, timing: t,
		jobs:  newRunner(ctx, t.news, func(err error) hostNews { return hostNews{err: err} }),
		slots: make(chan struct{}, probesAtOnce), memory: map[types.UID]hostMemory{},
	}
	machines := &machineReconciler{
		Client: mgr.GetClient(), live: mgr.GetAPIReader(), hosts: o.Hosts, timing: t,
		jobs: newRunner(ctx, t.news, func(err error) machineNews {
			return machineNews{result: resultFailed, reason: infrav1.InstallFailedReason, message: err.Error()}
		}),
		signed:  clusterInfoSigned(),
		bundles: newBundles(), began: time.Now().Truncate(time.Second),
		attempts: map[types.UID]*attempt{}, avoided: map[avoided]avoidance{},
	}
	clusters := &clusterReconciler{Client: mgr.GetClient(), live: mgr.GetAPIReader()}
	for _, setUp := range []func() error{
		func() error { return mgr.Add(hosts.jobs) },
		func() error { return mgr.Add(machines.jobs) },
		func() error { return setUpClusters(ctx, mgr, clusters, o) },
		func() error { return setUpHosts(mgr, hosts, o) },
		func() error { return setUpMachines(mgr, machines, o) },
	} {
		if err := setUp(); err != nil {
			return err
		}
	}
	return nil
}

func concurrency(n int) controller.Options {
	return controller.Options{MaxConcurrentReconciles: max(n, 1)}
}

func setUpClusters(ctx context.Context, mgr ctrl.Manager, r *clusterReconciler, o Options) error {
	kind := infrav1.GroupVersion.WithKind("SSHCluster")
	return ctrl.NewControllerManagedBy(mgr).
		For(&infrav1.SSHCluster{}).
		Watches(&clusterv1.Cluster{}, handler.EnqueueRequestsFromMapFunc(
			util.ClusterToInfrastructureMapFunc(ctx, kind, mgr.GetClient(), &infrav1.SSHCluster{}))).
		Watches(&infrav1.SSHMachine{}, handler.EnqueueRequestsFromMapFunc(r.ofCluster)).
		Watches(&infrav1.SSHHost{}, handler.EnqueueRequestsFromMapFunc(r.ofCluster)).
		WithOptions(concurrency(o.PerCluster)).
		Complete(r)
}

// ofCluster are the SSHClusters that are being deleted of the object's
// cluster: only they wait for objects.
func (r *clusterReconciler) ofCluster(ctx context.Context, o client.Object) []reconcile.Request {
	list := &infrav1.SSHClusterList{}
	if !listOfCluster(ctx, r.Client, o, list) {
		return nil
	}
	var requests []reconcile.Request
	for i := range list.Items {
		if !list.Items[i].DeletionTimestamp.IsZero() {
			requests = append(requests, requestFor(&list.Items[i]))
		}
	}
	return requests
}

func setUpHosts(mgr ctrl.Manager, r *hostReconciler, o Options) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&infrav1.SSHHost{}).
		Watches(&clusterv1.Cluster{}, handler.EnqueueRequestsFromMapFunc(r.ofCluster)).
		Watches(&infrav1.SSHMachine{}, handler.EnqueueRequestsFromMapFunc(r.ofMachine)).
		WatchesRawSource(r.jobs.source()).
		WithOptions(concurrency(o.PerMachine)).
		Complete(r)
}

func (r *hostReconciler) ofCluster(ctx context.Context, cluster client.Object) []reconcile.Request {
	list := &infrav1.SSHHostList{}
	err := r.List(ctx, list, client.InNamespace(cluster.GetNamespace()), client.MatchingLabels{clusterNameLabel: cluster.GetName()})
	if err != nil {
		return nil
	}
	var requests []reconcile.Request
	for i := range list.Items {
		requests = append(requests, requestFor(&list.Items[i]))
	}
	return requests
}

// ofMachine is the host that the machine has.
func (r *hostReconciler) ofMachine(ctx context.Context, m client.Object) []reconcile.Request {
	hosts, err := hostsOf(ctx, r.Client, m)
	if err != nil {
		return nil
	}
	for i := range hosts {
		if hosts[i].Spec.ConsumerRef.Name == m.GetName() {
			return []reconcile.Request{requestFor(&hosts[i])}
		}
	}
	return nil
}

func setUpMachines(mgr ctrl.Manager, r *machineReconciler, o Options) error {
	toMachines, err := util.ClusterToTypedObjectsMapper(mgr.GetClient(), &infrav1.SSHMachineList{}, mgr.GetScheme())
	if err != nil {
		return err
	}
	return ctrl.NewControllerManagedBy(mgr).
		For(&infrav1.SSHMachine{}).
		Watches(&clusterv1.Machine{}, handler.EnqueueRequestsFromMapFunc(
			util.MachineToInfrastructureMapFunc(schema.GroupVersionKind(infrav1.GroupVersion.WithKind("SSHMachine"))))).
		Watches(&clusterv1.Cluster{}, handler.EnqueueRequestsFromMapFunc(toMachines)).
		Watches(&infrav1.SSHHost{}, handler.EnqueueRequestsFromMapFunc(r.ofHost)).
		WatchesRawSource(r.jobs.source()).
		WithOptions(concurrency(o.PerMachine)).
		Complete(r)
}

// ofHost are the machine that has the host, or those that wait for one.
func (r *machineReconciler) ofHost(ctx context.Context, o client.Object) []reconcile.Request {
	host, ok := o.(*infrav1.SSHHost)
	if !ok {
		return nil
	}
	if name := host.Spec.ConsumerRef.Name; name != "" {
		return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: host.Namespace, Name: name}}}
	}
	list := &infrav1.SSHMachineList{}
	if !listOfCluster(ctx, r.Client, o, list) {
		return nil
	}
	var requests []reconcile.Request
	for i := range list.Items {
		if list.Items[i].Status.HostRef.Name == "" || list.Items[i].Status.HostRef.Name == host.Name {
			requests = append(requests, requestFor(&list.Items[i]))
		}
	}
	return requests
}

// listOfCluster lists the objects of the same cluster as o from a cache, which
// fails only where it has been stopped.
func listOfCluster(ctx context.Context, c client.Reader, o client.Object, list client.ObjectList) bool {
	return c.List(ctx, list, client.InNamespace(o.GetNamespace()),
		client.MatchingLabels{clusterNameLabel: o.GetLabels()[clusterNameLabel]}) == nil
}

func requestFor(o client.Object) reconcile.Request {
	return reconcile.Request{NamespacedName: client.ObjectKeyFromObject(o)}
}
