import { ByteCollector } from './byte-collector.ts';

/** Where the splitter is. Keys and values are those of the list itself, items are those of its `items`. */
type State =
  | 'start'
  | 'key or end'
  | 'key'
  | 'in key'
  | 'colon'
  | 'value'
  | 'in value'
  | 'item or end'
  | 'item'
  | 'in item'
  | 'after item'
  | 'end';

/** What becomes of a byte: it belongs around the items, to nothing, or it is the first one of an item. */
type Fate = 'keep' | 'drop' | 'begin item';

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Names of members longer than this are not `items`, so the rest of them does not matter. */
const longestKey = 16;

/** What a {@link ListSplitter} is made of. */
export interface ListSplitterOptions {
  /** Takes the JSON of each item, in order. */
  readonly onItem: (json: string) => void;
  /** How long an item may be, and everything around the items together. */
  readonly maxObjectBytes: number;
}

/**
 * Cuts a Kubernetes list into its items while it arrives, so that its text is never in memory as a whole.
 *
 * It works on bytes: no byte of a longer UTF-8 sequence equals one of JSON's own characters, so chunks may be
 * cut anywhere. What is around the items (kind, metadata) is kept and parsed at the end, with empty `items`.
 */
export class ListSplitter {
  readonly #onItem: (json: string) => void;
  readonly #item: ByteCollector;
  readonly #envelope: ByteCollector;
  #state: State = 'start';
  /** Open brackets and braces within the present item or value. */
  #depth = 0;
  #isInString = false;
  /** The byte before was a backslash that escapes the next one. */
  #isEscaped = false;
  #key = '';
  #hasItems = false;

  constructor(options: ListSplitterOptions) {
    this.#onItem = options.onItem;
    this.#item = new ByteCollector('An item of the list', options.maxObjectBytes);
    this.#envelope = new ByteCollector(
      'What is around the items of the list',
      options.maxObjectBytes,
    );
  }

  /** Takes the next bytes. @throws SyntaxError when they cannot be a list, RangeError when something is too long */
  push(chunk: Buffer): void {
    let index = 0;
    while (index < chunk.length)
      index = this.#state === 'in item' ? this.#inItem(chunk, index) : this.#around(chunk, index);
  }

  /** Everything but the items. @throws SyntaxError when the list is not complete or not JSON */
  end(): unknown {
    if (this.#state !== 'end') throw new SyntaxError('The list ends in the middle');
    return JSON.parse(this.#envelope.take());
  }

  /** Goes through the bytes outside of items. Returns the index of the first byte of an item, or the chunk's length. */
  #around(chunk: Buffer, from: number): number {
    let keptFrom = from;
    for (let index = from; index < chunk.length; index += 1) {
      // The loop's condition says that there is such a byte.
      const fate = this.#step(chunk[index] as number);
      if (fate === 'keep') continue;
      this.#envelope.add(chunk, keptFrom, index);
      if (fate === 'begin item') return index;
      keptFrom = index + 1;
    }
    this.#envelope.add(chunk, keptFrom, chunk.length);
    return chunk.length;
  }

  /** Goes through the bytes of an item; the state is in local variables because this is where the time goes. */
  #inItem(chunk: Buffer, from: number): number {
    let depth = this.#depth;
    let isInString = this.#isInString;
    let isEscaped = this.#isEscaped;
    let index = from;
    for (; index < chunk.length; index += 1) {
      const byte = chunk[index];
      if (isEscaped) isEscaped = false;
      else if (isInString) {
        if (byte === quote) isInString = false;
        else if (byte === backslash) isEscaped = true;
      } else if (byte === quote) isInString = true;
      else if (byte === openBrace || byte === openBracket) depth += 1;
      else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) break;
    }
    this.#depth = depth;
    this.#isInString = isInString;
    this.#isEscaped = isEscaped;
    const isComplete = index < chunk.length;
    const end = isComplete ? index + 1 : index;
    if (isComplete) {
      this.#state = 'after item';
      this.#onItem(this.#item.takeWith(chunk, from, end));
    } else this.#item.add(chunk, from, end);
    return end;
  }

  #step(byte: number): Fate {
    if (this.#state === 'in value') return this.#inValue(byte);
    if (this.#state === 'in key') return this.#inKey(byte);
    const isWhiteSpace = byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
    if (isWhiteSpace) return this.#hasItems ? 'drop' : 'keep';
    return this.#token(byte);
  }

  /** The first byte of something new. */
  #token(byte: number): Fate {
    switch (this.#state) {
      case 'start':
        if (byte === openBrace) return this.#next('key or end');
        break;
      case 'key or end':
      case 'key':
        if (byte === closeBrace && this.#state === 'key or end') return this.#next('end');
        this.#key = '';
        if (byte === quote) return this.#next('in key');
        break;
      case 'colon':
        if (byte === colon) return this.#next('value');
        break;
      case 'value':
        return this.#beginValue(byte);
      case 'item or end':
      case 'after item':
        if (byte === closeBracket) return this.#next('in value');
        if (byte === comma && this.#state === 'after item') return this.#next('item', 'drop');
        if (byte === openBrace && this.#state === 'item or end')
          return this.#next('in item', 'begin item');
        break;
      case 'item':
        if (byte === openBrace) return this.#next('in item', 'begin item');
        break;
      case 'in key':
      case 'in value':
      case 'in item':
      case 'end':
    }
    throw new SyntaxError(
      `The list is not JSON, or its items are no objects: unexpected ${JSON.stringify(String.fromCharCode(byte))}`,
    );
  }

  #next(state: State, fate: Fate = 'keep'): Fate {
    this.#state = state;
    return fate;
  }

  #inKey(byte: number): Fate {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === backslash) this.#isEscaped = true;
    else if (byte === quote) return this.#next('colon');
    if (this.#key.length < longestKey) this.#key += String.fromCharCode(byte);
    return 'keep';
  }

  #beginValue(byte: number): Fate {
    if (byte === openBracket && this.#key === 'items' && !this.#hasItems) {
      this.#hasItems = true;
      return this.#next('item or end');
    }
    this.#state = 'in value';
    return this.#inValue(byte);
  }

  /** A value ends with the comma or brace after it; what it is made of is checked when it is parsed. */
  #inValue(byte: number): Fate {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (this.#isInString) {
      this.#isEscaped = byte === backslash;
      this.#isInString = byte !== quote;
    } else if (byte === quote) this.#isInString = true;
    else if (byte === openBrace || byte === openBracket) this.#depth += 1;
    else if (byte === comma && this.#depth === 0) this.#state = 'key';
    else if (byte === closeBrace && this.#depth === 0) this.#state = 'end';
    else if (byte === closeBrace || byte === closeBracket) this.#depth -= 1;
    return 'keep';
  }
}
