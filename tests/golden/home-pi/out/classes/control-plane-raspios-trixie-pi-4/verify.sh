#!/usr/bin/env bash
# verify: pods on every node reach each other, the name service and a service. `run.sh --verify` on the control plane reads this from standard input.
#
# How          a small web server on each node answers requests from the others: by the pod's address, by the service's address,
#              and by the service's name.
# Afterwards   nothing is left, even if this is interrupted: the namespace pikc-verify is deleted. What a killed run left behind is
#              deleted by the next one.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /opt/pikc/lib.sh

space=pikc-verify
image=registry.k8s.io/e2e-test-images/busybox:1.36.1-1
service_name=$space.$space.svc.cluster.local
most=50 # so many other pods each pod asks, those that follow it in the list: on 1,000 nodes all of them would be a million requests

kube() { kubectl --kubeconfig "$admin" "$@"; }

api_answers || die "the API server does not answer: crictl ps --all; journalctl --unit kubelet.service"

# --- what is left behind --------------------------------------------------------------------------------------------------

clean() {
  if [ -n "$scratch" ]; then rm -rf "$scratch"; fi
  kube delete namespace "$space" --ignore-not-found --timeout 120s >/dev/null ||
    printf '  note     the namespace %s is still there: kubectl delete namespace %s\n' "$space" "$space"
}
owner=$(kube get namespace "$space" --ignore-not-found --output 'jsonpath={.metadata.labels.app\.kubernetes\.io/managed-by}')
if [ -n "$(kube get namespace "$space" --ignore-not-found --output name)" ] && [ "$owner" != pikc ]; then
  die "there is a namespace $space that pikc did not create: delete or rename it"
fi
trap clean EXIT
trap 'exit 130' INT TERM HUP
kube delete namespace "$space" --ignore-not-found --timeout 120s >/dev/null || die "kubectl could not delete what an earlier run left (see above)"

# --- a pod on each node ---------------------------------------------------------------------------------------------------

make_scratch
cat >"$scratch/objects.yaml" <<END
apiVersion: v1
kind: Namespace
metadata:
  name: $space
  labels:
    app.kubernetes.io/managed-by: pikc
---
apiVersion: v1
kind: Service
metadata:
  name: $space
  namespace: $space
spec:
  selector:
    app: $space
  ports:
    - port: 8080
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: $space
  namespace: $space
spec:
  selector:
    matchLabels:
      app: $space
  template:
    metadata:
      labels:
        app: $space
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 0
      tolerations:
        - operator: Exists
      securityContext:
        runAsNonRoot: true
        runAsUser: 65534
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: web
          image: $image
          command: [sh, -c, "echo ok >/www/index.html && exec httpd -f -p 8080 -h /www"]
          resources:
            requests:
              cpu: 10m
              memory: 8Mi
          securityContext:
            allowPrivilegeEscalation: false
            capabilities:
              drop: [ALL]
          volumeMounts:
            - name: www
              mountPath: /www
      volumes:
        - name: www
          emptyDir: {}
END
kube apply -f "$scratch/objects.yaml" >/dev/null || die "kubectl could not create the pods (see above)"

# pods: "NODE POD ADDRESS" of each pod that runs
pods() {
  kube -n "$space" get pods \
    --output 'jsonpath={range .items[*]}{.status.phase} {.spec.nodeName} {.metadata.name} {.status.podIP}{"\n"}{end}' |
    sed -n 's/^Running \(.* .* .\)/\1/p' | sort
}
nodes() { kube get nodes --output 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}' | sort; }
# everywhere: or else prints the nodes that have no running pod yet
everywhere() {
  local left
  left=$(comm -23 <(nodes) <(pods | cut -d ' ' -f 1 | sort))
  if [ -z "$left" ]; then return; fi
  printf 'no pod runs yet on: %s\n' "$(printf '%s' "$left" | tr '\n' ' ')"
  return 1
}
if ! show_changes 300 everywhere; then
  kube -n "$space" get pods --output wide >&2 || true
  die "the test's pods do not run on every node after 5 minutes: the last \"waiting\" line says where"
fi
mapfile -t running < <(pods)
address=$(kube -n "$space" get service "$space" --output 'jsonpath={.spec.clusterIP}')
set -- "${running[@]}"
count=$#
ok "a pod runs on $(if [ "$count" = 1 ]; then echo 'the node'; else echo "each of $count nodes"; fi)"

# --- each asks the others -------------------------------------------------------------------------------------------------

url() { case $1 in *:*) printf 'http://[%s]:8080/\n' "$1" ;; *) printf 'http://%s:8080/\n' "$1" ;; esac; }

# What runs in each pod, with addresses as arguments: prints those that do not answer, each tried three times.
# shellcheck disable=SC2016 # the pod's shell expands it
ask='for url; do
  tries=0
  until wget -q -T 3 -O /dev/null "$url"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 3 ]; then echo "unanswered $url"; break; fi
    sleep 1
  done
done 2>/dev/null'

failed=0
wrong() { printf '  refused  %s\n' "$*"; failed=$((failed + 1)); }
for ((i = 0; i < count; i++)); do
  read -r node pod _ <<<"${running[i]}"
  declare -A who=()
  urls=("$(url "$address")" "http://$service_name:8080/")
  who[${urls[0]}]="the service's address $address: kube-proxy, or what stands in for it, does not forward there"
  who[${urls[1]}]="the name $service_name: DNS does not answer there"
  for ((j = 1; j < count && j <= most; j++)); do
    read -r other _ peer <<<"${running[(i + j) % count]}"
    urls+=("$(url "$peer")")
    who[$(url "$peer")]="the pod on $other ($peer): the pod network does not connect the two nodes"
  done
  if ! answer=$(kube -n "$space" exec "$pod" -- sh -c "$ask" sh "${urls[@]}" 2>&1); then
    wrong "$node: kubectl exec does not work there: $answer"
    continue
  fi
  while read -r word what; do
    if [ "$word" = unanswered ]; then wrong "a pod on $node does not reach ${who[$what]}"; fi
  done <<<"$answer"
done
if [ "$failed" -gt 0 ]; then die "the pods do not all reach each other: $failed of the requests above were not answered"; fi
if [ "$count" -gt 1 ]; then ok "each reaches the pods on the other nodes$(if [ "$count" -gt $((most + 1)) ]; then printf ' (%s of them)' "$most"; fi)"; fi
ok "each reaches a service by its address and by its name"
