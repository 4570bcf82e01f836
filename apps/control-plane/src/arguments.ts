/** What the command lines are made of. */
export interface ArgumentOptions {
  /** State folder. */
  readonly directory: string;
  /** Port of etcd's client address. */
  readonly etcdPort: number;
  /** Port of the API server. */
  readonly apiPort: number;
}

/** A certificate for kube-apiserver to show, in files of the caller, which outlive the control plane. */
export interface ServingCertificate {
  /** The certificate, PEM, good for 127.0.0.1. kube-apiserver notices within a moment when the file changes. */
  readonly certificateFile: string;
  /** Its key, PEM. */
  readonly keyFile: string;
  /** The authorities that clients are to trust, PEM. Read at each start of kube-apiserver. */
  readonly caFile: string;
}

/** What the API server's command line needs on top. */
export interface ApiServerArgumentOptions extends ArgumentOptions {
  /** File for `--token-auth-file`. */
  readonly tokenFile: string;
  /** File for `--client-ca-file`. */
  readonly clientCaFile: string;
  /** Key for service account tokens. */
  readonly serviceAccountKeyFile: string;
  /** The certificate it shows; without one it signs its own. */
  readonly servingCertificate?: ServingCertificate | undefined;
  /** Feature gates by name. */
  readonly featureGates: Readonly<Record<string, boolean>>;
  /** Further arguments, after ours, so that theirs win. */
  readonly extra: readonly string[];
}

/** Arguments of etcd: one member, on loopback, that never waits for the disk. */
export function etcdArguments({ directory, etcdPort }: ArgumentOptions): string[] {
  const url = `http://127.0.0.1:${etcdPort}`;
  return [
    '--name=control-plane',
    `--data-dir=${directory}/etcd`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    '--listen-peer-urls=http://127.0.0.1:0',
    '--unsafe-no-fsync',
    '--log-level=warn',
    '--heartbeat-interval=10',
    '--election-timeout=100',
  ];
}

/** Arguments of kube-apiserver. Without the grace period, SIGTERM takes a minute while a watch is open. */
export function apiServerArguments(options: ApiServerArgumentOptions): string[] {
  const { directory, etcdPort, apiPort, serviceAccountKeyFile, featureGates, extra } = options;
  const { servingCertificate: serving } = options;
  const gates = Object.entries(featureGates).map(([name, on]) => `${name}=${on}`);
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${apiPort}`,
    `--cert-dir=${directory}/apiserver-certs`,
    `--client-ca-file=${options.clientCaFile}`,
    `--token-auth-file=${options.tokenFile}`,
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    `--service-account-issuer=https://127.0.0.1:${apiPort}/`,
    `--service-account-key-file=${serviceAccountKeyFile}`,
    `--service-account-signing-key-file=${serviceAccountKeyFile}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--disable-admission-plugins=ServiceAccount',
    '--endpoint-reconciler-type=none',
    '--shutdown-watch-termination-grace-period=1s',
    ...(serving === undefined
      ? []
      : [
          `--tls-cert-file=${serving.certificateFile}`,
          `--tls-private-key-file=${serving.keyFile}`,
        ]),
    ...(gates.length === 0 ? [] : [`--feature-gates=${gates.join(',')}`]),
    ...extra,
  ];
}

/** Arguments of kube-controller-manager, which serves nothing and leads alone. */
export function controllerManagerArguments(
  kubeconfigFile: string,
  serviceAccountKeyFile: string,
  controllers: readonly string[],
): string[] {
  return [
    `--kubeconfig=${kubeconfigFile}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    '--secure-port=0',
    `--controllers=${controllers.join(',')}`,
    `--service-account-private-key-file=${serviceAccountKeyFile}`,
  ];
}
