// Command control-plane is etcd, kube-apiserver and kube-controller-manager in one binary.
//
// It behaves as the program whose name it is called by, so that three symlinks beside it
// make a folder that looks like the one setup-envtest fills.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"

	// Time zones of CronJobs, on hosts without a zone database.
	_ "time/tzdata"

	// --logging-format=json, and the metrics that the upstream mains register.
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
)

var programs = map[string]func(){
	"etcd":                    func() { etcdmain.Main(os.Args) },
	"kube-apiserver":          func() { runCommand(apiserver.NewAPIServerCommand) },
	"kube-controller-manager": func() { runCommand(controllermanager.NewControllerManagerCommand) },
}

func runCommand(newCommand func() *cobra.Command) {
	os.Exit(cli.Run(newCommand()))
}

func main() {
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	run, known := programs[name]
	if !known {
		names := make([]string, 0, len(programs))
		for program := range programs {
			names = append(names, program)
		}
		slices.Sort(names)
		fmt.Fprintf(os.Stderr, "Cannot run as %q: call this binary through a symlink named %s\n", name, strings.Join(names, ", "))
		os.Exit(2)
	}
	run()
}
