/** One object of a map, with the places where its indices filed it. */
export interface Entry<T> {
  /** The key of the object. */
  readonly key: string;
  /** The object. */
  obj: T;
  /** By the position of the index in the map: one filing for each value; bare when there is exactly one. */
  readonly filings: (Filings<T> | undefined)[];
}

/** The filings of one object in one index. */
export type Filings<T> = Filing<T> | readonly Filing<T>[];

/** Where an object is filed under a value. */
export interface Filing<T> {
  /** Whose object it is. */
  readonly entry: Entry<T>;
  /** The bucket it is in, if it is in one. */
  bucket: Bucket<T>;
  /** Its place in the bucket. Written by the bucket. */
  place: number;
}

/** A bucket is made smaller when there are this many more gaps in it than objects. */
const maxGaps = 16;

/**
 * What is filed under one value, in the order of filing.
 *
 * Objects are kept side by side, so that reading two hundred of them is one copy and not a walk through the memory. One that
 * leaves makes a gap; gaps are closed when they are more than half.
 */
export class Bucket<T> {
  /** The value. */
  readonly value: string;
  /** By place; undefined in a gap. */
  #objects: (T | undefined)[] = [];
  /** By place, as the objects. */
  #filings: (Filing<T> | undefined)[] = [];
  #size = 0;

  constructor(value: string) {
    this.value = value;
  }

  /** How many objects are in here. */
  get size(): number {
    return this.#size;
  }

  /** Puts in a filing that is in no bucket, at the end. */
  add(filing: Filing<T>): void {
    filing.bucket = this;
    filing.place = this.#objects.push(filing.entry.obj) - 1;
    this.#filings.push(filing);
    this.#size += 1;
  }

  /** Shows the object that the entry of a filing has now. */
  refresh({ place, entry }: Filing<T>): void {
    this.#objects[place] = entry.obj;
  }

  /** Takes out a filing that is in here. */
  remove({ place }: Filing<T>): void {
    this.#objects[place] = undefined;
    this.#filings[place] = undefined;
    this.#size -= 1;
    if (this.#objects.length > 2 * this.#size + maxGaps) this.#closeGaps();
  }

  /** The objects, in a new array. */
  objects(): T[] {
    // Without gaps each of them is an object; with gaps they are filtered.
    if (this.#size === this.#objects.length) return this.#objects.slice() as T[];
    return this.#objects.filter((obj) => obj !== undefined);
  }

  /** The keys of the objects. */
  keys(): string[] {
    return this.#present().map(({ entry }) => entry.key);
  }

  /** Shows each object. */
  each(visit: (obj: T) => void): void {
    for (const obj of this.#objects) if (obj !== undefined) visit(obj);
  }

  #present(): Filing<T>[] {
    return this.#filings.filter((filing) => filing !== undefined);
  }

  #closeGaps(): void {
    this.#filings = this.#present();
    this.#objects = this.#filings.map((filing, place) => {
      // Those that are present.
      const there = filing as Filing<T>;
      there.place = place;
      return there.entry.obj;
    });
  }
}
