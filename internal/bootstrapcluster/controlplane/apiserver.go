package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsserver "k8s.io/apiextensions-apiserver/pkg/apiserver"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle"
	mutatingwebhook "k8s.io/apiserver/pkg/admission/plugin/webhook/mutating"
	validatingwebhook "k8s.io/apiserver/pkg/admission/plugin/webhook/validating"
	genericfilters "k8s.io/apiserver/pkg/endpoints/filters"
	genericapiserver "k8s.io/apiserver/pkg/server"
	serverstorage "k8s.io/apiserver/pkg/server/storage"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/apiserver/pkg/util/notfoundhandler"
	"k8s.io/apiserver/pkg/util/webhook"
	"k8s.io/client-go/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/admissionregistration/install" // the kinds of servedResources
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/events/install"
	controlplane "k8s.io/kubernetes/pkg/controlplane/apiserver"
	"k8s.io/kubernetes/pkg/controlplane/apiserver/options"
	generatedopenapi "k8s.io/kubernetes/pkg/generated/openapi"
	authorizermodes "k8s.io/kubernetes/pkg/kubeapiserver/authorizer/modes"
	admissionregistrationrest "k8s.io/kubernetes/pkg/registry/admissionregistration/rest"
	eventsrest "k8s.io/kubernetes/pkg/registry/events/rest"
)

// admissionPlugins are those that Cluster API's objects need. The others are
// about Pods, Services and volumes, which this API server does not serve.
var admissionPlugins = []string{lifecycle.PluginName, mutatingwebhook.PluginName, validatingwebhook.PluginName}

// unneededHooks would write into etcd, or keep writing, for the sake of other
// API servers, aggregated ones or service accounts.
var unneededHooks = []string{
	"start-cluster-authentication-info-controller",
	"start-legacy-token-tracking-controller",
}

// apiServer is kube-apiserver's control plane without the parts that run
// containers: namespaces, secrets, config maps and events, admission
// webhooks, and custom resources. The aggregator is left out too, and with it
// an object, its status and its OpenAPI for each of 60 group versions.
type apiServer struct {
	config        *controlplane.Config
	apiExtensions *apiextensionsserver.Config
	options       options.CompletedOptions
	server        *controlplane.Server
}

// configureAPIServer does what can be done before etcd answers.
func configureAPIServer(ctx context.Context, id *identity, listener net.Listener) (*apiServer, error) {
	// Its lease would be renewed every 10 s.
	if err := utilfeature.DefaultMutableFeatureGate.SetFromMap(map[string]bool{"APIServerIdentity": false}); err != nil {
		return nil, fmt.Errorf("set the API server's feature gates: %w", err)
	}
	o, err := apiServerOptions(id, listener)
	if err != nil {
		return nil, err
	}
	completed, err := o.Complete(ctx, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("complete the API server's options: %w", err)
	}
	if errs := completed.Validate(); len(errs) > 0 {
		return nil, fmt.Errorf("the API server's options: %w", errors.Join(errs...))
	}
	generic, informers, storage, err := controlplane.BuildGenericConfig(completed,
		[]*runtime.Scheme{legacyscheme.Scheme, apiextensionsserver.Scheme}, servedResources(), generatedopenapi.GetOpenAPIDefinitions)
	if err != nil {
		return nil, fmt.Errorf("configure the API server: %w", err)
	}
	generic.DisabledPostStartHooks.Insert(unneededHooks...)
	// Serving OpenAPI costs more CPU than everything else here. Without it
	// kubectl only has to be told --validate=false.
	generic.SkipOpenAPIInstallation = true

	services := webhook.NewDefaultServiceResolver()
	config, initializers, err := controlplane.CreateConfig(completed, generic, informers, storage, services, nil)
	if err != nil {
		return nil, fmt.Errorf("configure the API server: %w", err)
	}
	authentication := webhook.NewDefaultAuthenticationInfoResolverWrapper(
		config.ProxyTransport, generic.EgressSelector, generic.LoopbackClientConfig, generic.TracerProvider)
	apiExtensions, err := controlplane.CreateAPIExtensionsConfig(*generic, informers, initializers, completed, 1, services, authentication)
	if err != nil {
		return nil, fmt.Errorf("configure the API server's custom resources: %w", err)
	}
	return &apiServer{config: config, apiExtensions: apiExtensions, options: completed}, nil
}

func apiServerOptions(id *identity, listener net.Listener) (*options.Options, error) {
	certFile, keyFile, err := id.servingFiles("kube-apiserver")
	if err != nil {
		return nil, fmt.Errorf("make the API server's certificate: %w", err)
	}
	o := options.NewOptions()
	o.SecureServing.Listener = listener
	o.SecureServing.BindPort = port(listener)
	o.SecureServing.BindAddress = net.IPv4(127, 0, 0, 1)
	o.SecureServing.ServerCert.CertKey.CertFile, o.SecureServing.ServerCert.CertKey.KeyFile = certFile, keyFile
	o.GenericServerRunOptions.AdvertiseAddress = net.IPv4(127, 0, 0, 1)
	o.GenericServerRunOptions.MaxRequestsInFlight = 0 // no limit: its clients are this program
	o.GenericServerRunOptions.MaxMutatingRequestsInFlight = 0
	o.Features.EnablePriorityAndFairness = false
	o.Features.EnableProfiling = false

	o.Etcd.StorageConfig.Transport.ServerList = []string{etcdEndpoint}
	o.Etcd.StorageConfig.Prefix = etcdPrefix
	// A cache for each kind costs a second of the start and half of the memory
	// of a large cluster; the controllers have caches of their own.
	o.Etcd.EnableWatchCache = false

	// One user, by its token, is allowed everything as system:masters, which
	// the API server asks before any authorizer. Everybody else is refused,
	// and there is no anonymous one. RBAC's roles, which would be written at
	// the first start, would have nobody to apply to.
	o.Authentication.Anonymous.Allow = false
	o.Authentication.TokenFile.TokenFile = id.path(tokenFile)
	o.Authorization.Modes = []string{authorizermodes.ModeAlwaysDeny}
	o.Authentication.ServiceAccounts.Issuers = []string{"https://kubernetes.default.svc"}
	o.Authentication.ServiceAccounts.KeyFiles = []string{id.path(serviceAccountFile)}
	o.Authentication.ServiceAccounts.Lookup = false
	o.Authentication.ServiceAccounts.OptionalTokenGetter = noServiceAccounts
	o.ServiceAccountSigningKeyFile = id.path(serviceAccountFile)

	o.Admission.GenericAdmission.EnablePlugins = admissionPlugins
	for _, plugin := range o.Admission.GenericAdmission.RecommendedPluginOrder {
		if !slices.Contains(admissionPlugins, plugin) {
			o.Admission.GenericAdmission.DisablePlugins = append(o.Admission.GenericAdmission.DisablePlugins, plugin)
		}
	}
	return o, nil
}

// servedResources are the built-in kinds that are served.
func servedResources() *serverstorage.ResourceConfig {
	served := serverstorage.NewResourceConfig()
	served.EnableVersions(corev1.SchemeGroupVersion, eventsv1.SchemeGroupVersion, admissionregistrationv1.SchemeGroupVersion)
	served.DisableResources(
		corev1.SchemeGroupVersion.WithResource("resourcequotas"),
		admissionregistrationv1.SchemeGroupVersion.WithResource("validatingadmissionpolicies"),
		admissionregistrationv1.SchemeGroupVersion.WithResource("validatingadmissionpolicybindings"),
	)
	return served
}

// build connects the API server to etcd, which has to answer by now.
func (a *apiServer) build(crds []*apiextensionsv1.CustomResourceDefinition) error {
	notFound := notfoundhandler.New(a.config.Generic.Serializer, genericfilters.NoMuxAndDiscoveryIncompleteKey)
	custom, err := a.apiExtensions.Complete().New(genericapiserver.NewEmptyDelegateWithCustomHandler(notFound))
	if err != nil {
		return fmt.Errorf("set up the API server for custom resources: %w", err)
	}
	completed := a.config.Complete()
	a.server, err = completed.New("kube-apiserver", custom.GenericAPIServer)
	if err != nil {
		return fmt.Errorf("set up the API server: %w", err)
	}
	if err := a.server.InstallAPIs(
		completed.NewCoreGenericConfig(),
		admissionregistrationrest.RESTStorageProvider{Authorizer: completed.Generic.Authorization.Authorizer},
		eventsrest.RESTStorageProvider{TTL: completed.EventTTL},
	); err != nil {
		return fmt.Errorf("install the API server's resources: %w", err)
	}
	for _, group := range customGroups(crds) {
		a.server.GenericAPIServer.DiscoveryGroupManager.AddGroup(group)
	}
	return nil
}

// customGroups are the groups of custom resources as clients older than
// aggregated discovery (kubectl before 1.26) want to be told; to newer ones
// the API server tells them by itself.
func customGroups(crds []*apiextensionsv1.CustomResourceDefinition) []metav1.APIGroup {
	var groups []metav1.APIGroup
	for _, crd := range crds {
		i := slices.IndexFunc(groups, func(g metav1.APIGroup) bool { return g.Name == crd.Spec.Group })
		if i < 0 {
			i = len(groups)
			groups = append(groups, metav1.APIGroup{Name: crd.Spec.Group})
		}
		for j := range crd.Spec.Versions {
			version := metav1.GroupVersionForDiscovery{
				GroupVersion: crd.Spec.Group + "/" + crd.Spec.Versions[j].Name, Version: crd.Spec.Versions[j].Name,
			}
			if !slices.Contains(groups[i].Versions, version) {
				groups[i].Versions = append(groups[i].Versions, version)
			}
			if crd.Spec.Versions[j].Storage {
				groups[i].PreferredVersion = version
			}
		}
	}
	return groups
}

// run serves until ctx ends and the last request has been answered.
func (a *apiServer) run(ctx context.Context) error {
	if err := a.server.GenericAPIServer.PrepareRun().RunWithContext(ctx); err != nil {
		return fmt.Errorf("run the API server: %w", err)
	}
	return nil
}

// loopback is a client configuration for this process alone.
func (a *apiServer) loopback() *rest.Config {
	return rest.CopyConfig(a.config.Generic.LoopbackClientConfig)
}
