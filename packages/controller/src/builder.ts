import type { ObjectLike } from '@kubeloop/cache-store';
import type { Resource } from '@kubeloop/client';
import { checkHandler, checkSource, checkWatching } from './builder-checks.ts';
import type { ClusterWatch } from './cluster-watch.ts';
import { barrierOver, checkCluster, selectionOf } from './cluster-watch.ts';
import type { Cluster } from './cluster.ts';
import type { WatchedResource } from './consistency/consistent-client.ts';
import type { ControllerHost } from './controller-host.ts';
import type { ControllerSettings } from './controller-options.ts';
import { checkSettings } from './controller-options.ts';
import type { Controller } from './controller.ts';
import type { EventHandler, MapFunction } from './event-handler.ts';
import { enqueueMapped, enqueueSelf } from './event-handler.ts';
import type { InformerSelection } from './informer-selection.ts';
import { InformerSource } from './informer-source.ts';
import { GoneOwners } from './gone-owners.ts';
import { checkFunction } from './option-checks.ts';
import { ownerLinks, ownershipChanged, throughOwners } from './owner-mapping.ts';
import type { Predicate } from './predicates.ts';
import type { Reconciler } from './request.ts';
import type { Source } from './source.ts';

/** Which events of a resource matter. */
export interface WatchSourceOptions<T> extends InformerSelection {
  /** An event must pass all of them. Default none: every event matters. */
  readonly predicates?: readonly Predicate<T>[] | undefined;
  /** Where to watch. Default: in the manager's own cluster. It is added to the manager by this, unless it has it already. */
  readonly cluster?: Cluster | undefined;
}

/**
 * Which events of owned objects matter, and who counts as their owner. They are watched in the cluster of the kind that is
 * reconciled, because a reference to an owner cannot leave its cluster.
 */
export interface OwnsOptions<T> extends Omit<WatchSourceOptions<T>, 'cluster'> {
  /** Whether owners count that are not the controller. Default `false`. */
  readonly matchEveryOwner?: boolean | undefined;
  /**
   * The owners in between, the nearest first: `owns(pods, { through: [replicaSets, deployments] })`. They are looked up in
   * the informers' caches by namespace, name and uid, without a call to the API server, and watched too, so that neither
   * an object that is seen before its owners is lost nor the end of one that outlives them. Default none.
   */
  readonly through?: readonly Resource<ObjectLike>[] | undefined;
}

/** Which objects a reconciler reads from the cache. */
export interface ReadsOptions extends InformerSelection {
  /** Where they are. Default: in the manager's own cluster. */
  readonly cluster?: Cluster | undefined;
}

type MakeSources = (owner: Resource<ObjectLike>) => readonly Source[];

/**
 * Puts a controller together, one line for each kind of object it is about. Begin with `manager.controller(name)` and end
 * with {@link ControllerBuilder.reconcile}; nothing runs before the manager does.
 */
export class ControllerBuilder {
  readonly #host: ControllerHost;
  readonly #name: string;
  readonly #makers: MakeSources[] = [];
  readonly #watched: ClusterWatch[] = [];
  #primary: WatchedResource | undefined;
  /** That of the primary resource; `undefined` for the manager's own. */
  #cluster: Cluster | undefined;
  #settings: ControllerSettings = {};
  #isBuilt = false;

  /**
   * @param host - makes the informers and runs the controller
   * @param name - names the controller
   */
  constructor(host: ControllerHost, name: string) {
    this.#host = host;
    this.#name = name;
  }

  /**
   * The kind of object that is reconciled: each event asks for a reconcile of the object itself.
   *
   * @throws Error when called twice; TypeError when resource, predicate or selector is none; SelectorError when a selector
   * cannot be read. The latter two are thrown by `owns`, `watches` and `reads` as well
   */
  for<T extends ObjectLike>(
    resource: Resource<T>,
    options: WatchSourceOptions<NoInfer<T>> = {},
  ): this {
    this.#check('reconcile', resource, options);
    if (this.#primary)
      throw new Error(
        `Cannot add for("${resource.name}") to controller "${this.#name}": it is for "${this.#primary.resource.name}" already; use owns or watches`,
      );
    this.#primary = { resource, selection: selectionOf(options) };
    this.#cluster = options.cluster;
    this.#add(() => [this.#source(`for ${resource.name}`, resource, enqueueSelf<T>(), options)]);
    return this;
  }

  /** The kind that is reconciled, and which objects of it, as {@link ControllerBuilder.for} was told; `undefined` before. */
  get primary(): WatchedResource | undefined {
    return this.#primary;
  }

  /**
   * A kind of object that the reconciled kind owns: each event asks for a reconcile of the owner. Owners are recognised by
   * group and kind; only the controller counts unless `matchEveryOwner` is set.
   */
  owns<T extends ObjectLike>(resource: Resource<T>, options: OwnsOptions<NoInfer<T>> = {}): this {
    this.#check('own', resource, options);
    for (const link of options.through ?? []) this.#check('own through', link);
    this.#add((owner) => this.#ownedSources(resource, owner, options));
    return this;
  }

  /**
   * Any other kind of object. `map` says which requests an object concerns; at an update it is asked for the old and for
   * the new object. In its place an {@link EventHandler} can handle each kind of event by itself.
   */
  watches<T extends ObjectLike>(
    resource: Resource<T>,
    map: MapFunction<NoInfer<T>> | EventHandler<NoInfer<T>>,
    options: WatchSourceOptions<NoInfer<T>> = {},
  ): this {
    this.#check('watch', resource, options);
    if (typeof map !== 'object' || map === null)
      checkFunction(`the map function of "${resource.name}"`, map);
    else checkHandler(this.#place(resource), map);
    const handler = typeof map === 'function' ? enqueueMapped(map) : map;
    this.#add(() => [this.#source(`watches ${resource.name}`, resource, handler, options)]);
    return this;
  }

  /**
   * A kind of object that the reconciler reads from the cache and that asks for no reconciles: the controller does not work
   * before this cache is filled. There is no need for it with kinds that are reconciled, owned or watched.
   */
  reads<T extends ObjectLike>(resource: Resource<T>, selection: ReadsOptions = {}): this {
    this.#check('read', resource, selection);
    this.#add(() => [this.#source<T>(`reads ${resource.name}`, resource, {}, selection)]);
    return this;
  }

  /**
   * A source of requests that is no informer, such as a `ChannelSource`.
   *
   * @throws TypeError when it is none
   */
  watchesSource(source: Source): this {
    checkSource(this.#name, source);
    this.#add(() => [source]);
    return this;
  }

  /**
   * How the controller works. Called again, it adds to what was set before.
   *
   * @throws RangeError when a number is out of range; TypeError when queue maker, rate limiter or logger is none
   */
  withOptions(settings: ControllerSettings): this {
    this.#checkOpen();
    checkSettings(settings);
    this.#settings = { ...this.#settings, ...settings };
    return this;
  }

  /**
   * Ends the building: the manager runs the controller from now on, or from when the manager itself runs.
   *
   * @throws Error when nothing was said to reconcile or watch, when the manager has a controller of this name, or when
   * called twice
   */
  reconcile(reconcile: Reconciler): Controller {
    this.#checkOpen();
    checkFunction(`the reconciler of controller "${this.#name}"`, reconcile);
    const primary = this.#primary?.resource;
    if (!primary)
      throw new Error(
        `Cannot build controller "${this.#name}": it is for nothing; call for(resource) once`,
      );
    this.#isBuilt = true;
    const sources = this.#makers.flatMap((make) => make(primary));
    const barrier = barrierOver(this.#host, this.#watched);
    return this.#host.addController({
      ...this.#settings,
      name: this.#name,
      reconcile,
      sources,
      groupKind: primary.group === '' ? primary.kind : `${primary.kind}.${primary.group}`,
      barrier,
    });
  }

  #ownedSources<T extends ObjectLike>(
    resource: Resource<T>,
    owner: Resource<ObjectLike>,
    options: OwnsOptions<T>,
  ): readonly Source[] {
    const through = options.through ?? [];
    const gone = through.map(() => new GoneOwners());
    const links = ownerLinks(this.#cluster ?? this.#host, through).map((link, index) => ({
      ...link,
      getGone: (uid: string) => gone[index]?.get(uid),
    }));
    const { matchEveryOwner } = options;
    const cluster = this.#cluster;
    const onMissing = this.#onMissing(resource);
    const title = ['owns', resource.name, ...through.flatMap(({ name }) => ['through', name])];
    const map = throughOwners(links, owner, { matchEveryOwner, onMissing });
    const own = this.#source(title.join(' '), resource, enqueueMapped<T>(map), {
      ...options,
      cluster,
    });
    // A link that shows up after what it owns was not there when that was mapped: its own appearance counts. One that
    // goes before what it owns is remembered, because that has yet to be mapped.
    const late = through.map((link, index) => {
      const rest = throughOwners(links.slice(index + 1), owner, { matchEveryOwner, onMissing });
      const name = `${title.join(' ')}: ${link.name}`;
      const handler = enqueueMapped(rest);
      const remembering: EventHandler<ObjectLike> = {
        ...handler,
        delete: (event, enqueue) => {
          gone[index]?.add(event.object);
          return handler.delete?.(event, enqueue);
        },
      };
      return this.#source(name, link, remembering, { predicates: [ownershipChanged], cluster });
    });
    return [own, ...late];
  }

  #onMissing(resource: Resource<ObjectLike>): (reason: string, fields: object) => void {
    const fields = { controller: this.#name, source: `owns ${resource.name}` };
    return (reason, more) => this.#host.logger.debug(reason, { ...fields, ...more });
  }

  #source<T extends ObjectLike>(
    name: string,
    resource: Resource<T>,
    handler: EventHandler<T>,
    options: WatchSourceOptions<T>,
  ): Source {
    const { predicates, cluster, ...rest } = options;
    const selection = selectionOf(rest);
    if (cluster) this.#host.addCluster?.(cluster);
    const informer = (cluster ?? this.#host).informerFor(resource, selection);
    this.#watched.push({ resource, selection, cluster });
    const title = cluster ? `${name} of cluster ${cluster.name}` : name;
    return new InformerSource<T>({ name: title, informer, handler, predicates });
  }

  #add(make: MakeSources): void {
    this.#checkOpen();
    this.#makers.push(make);
  }

  #place(resource: Resource<ObjectLike>): string {
    return `"${resource.name}" in controller "${this.#name}"`;
  }

  #check(action: string, resource: Resource<ObjectLike>, options: object = {}): void {
    this.#checkOpen();
    if (typeof resource?.plural !== 'string' || typeof resource.kind !== 'string')
      throw new TypeError(
        `Cannot ${action} ${JSON.stringify(resource)} in controller "${this.#name}": it is no resource; make one with defineResource`,
      );
    checkWatching(this.#place(resource), options);
    checkCluster(this.#place(resource), options);
  }

  #checkOpen(): void {
    if (this.#isBuilt)
      throw new Error(`Cannot change controller "${this.#name}": it is built already`);
  }
}
