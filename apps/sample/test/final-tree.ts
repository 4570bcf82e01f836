const ready = (kind: string): object => ({ kind, name: kind, state: 'ready', children: [] });
const leaf = (kind: string, state: string): object => ({ kind, name: 'shop', state, children: [] });

/** The shape of the owner tree when the story is over, on any cluster: shop with its 5 pods, and nothing of blog. */
export const finalTree: object[] = [
  {
    kind: 'WebApp',
    name: 'shop',
    state: '5/5 ready, Available, NodesReady',
    children: [
      leaf('ConfigMap', 'banner=Good evening theme=dark'),
      leaf('Service', '5 endpoints'),
      {
        ...leaf('Deployment', '5/5 ready'),
        children: [
          {
            kind: 'ReplicaSet',
            name: 'ReplicaSet',
            state: '5/5 ready',
            children: Array.from({ length: 5 }, () => ready('Pod')),
          },
        ],
      },
    ],
  },
];
