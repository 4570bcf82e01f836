import { parseInteger, type LabelOperator, type LabelRequirement } from './label-requirement.ts';
import { selectorOf, type LabelSelector } from './label-selector.ts';
import { labelKeyFault, labelValueFault, type SyntaxFault } from './label-syntax.ts';
import { SelectorError } from './selector-error.ts';

/**
 * Reads a label selector as `kubectl -l` and the `labelSelector` parameter take it: `a=b`, `a==b`, `a!=b`, `a in (b,c)`,
 * `a notin (b,c)`, `a`, `!a`, `a>1`, `a<1`, joined by commas which mean "and". Accepts and refuses exactly what
 * apimachinery's `labels.Parse` does, but for a NUL character, where that stops reading. The empty text selects
 * everything.
 *
 * @throws {@link SelectorError} with the position of what is wrong
 */
export function parseLabelSelector(text: string): LabelSelector {
  if (typeof text !== 'string') {
    throw new TypeError(`Cannot parse a label selector: it must be a string, not ${typeof text}`);
  }
  return selectorOf(new Parser(text).parse());
}

interface Token {
  readonly text: string;
  readonly position: number;
  /** A symbol, a word, or the end of the text, which is the empty word. */
  readonly isSymbol: boolean;
}

const symbolOperators = new Map<string, LabelOperator>([
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['>', 'gt'],
  ['<', 'lt'],
]);

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #end: Token;
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
    this.#end = { text: '', position: text.length, isSymbol: false };
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    if (this.#peek() === this.#end) {
      return requirements;
    }
    for (;;) {
      requirements.push(this.#requirement());
      if (this.#peek() === this.#end) {
        return requirements;
      }
      this.#expect(',', "',' or the end");
    }
  }

  #requirement(): LabelRequirement {
    if (this.#takeSymbol('!')) {
      return { key: this.#key(), operator: '!', values: [] };
    }
    const key = this.#key();
    const token = this.#peek();
    if (token === this.#end || isSymbol(token, ',')) {
      return { key, operator: 'exists', values: [] };
    }
    this.#next += 1;
    if (!token.isSymbol && (token.text === 'in' || token.text === 'notin')) {
      return { key, operator: token.text, values: this.#valueSet() };
    }
    const operator = token.isSymbol ? symbolOperators.get(token.text) : undefined;
    if (operator === undefined) {
      throw this.#unexpected(token, "an operator ('=', '==', '!=', 'in', 'notin', '>' or '<')");
    }
    return { key, operator, values: [this.#singleValue(operator)] };
  }

  #key(): string {
    const token = this.#peek();
    if (token === this.#end || token.isSymbol) {
      throw this.#unexpected(token, 'a label key');
    }
    this.#next += 1;
    this.#check(token, labelKeyFault(token.text));
    return token.text;
  }

  #singleValue(operator: LabelOperator): string {
    const token = this.#peek();
    const value = this.#value();
    if ((operator === 'gt' || operator === 'lt') && parseInteger(value) === undefined) {
      throw this.#error('the value must be a 64-bit integer', token.position);
    }
    return value;
  }

  /** A value set in parentheses; an empty place between commas is the empty value, and each value counts once. */
  #valueSet(): string[] {
    this.#expect('(', "'('");
    const values = new Set<string>();
    do {
      values.add(this.#value());
    } while (this.#takeSymbol(','));
    this.#expect(')', "',' or ')'");
    return [...values];
  }

  /** A value, which is empty when the next token cannot be one. */
  #value(): string {
    const token = this.#peek();
    if (token.isSymbol || token === this.#end) {
      return '';
    }
    this.#next += 1;
    this.#check(token, labelValueFault(token.text));
    return token.text;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? this.#end;
  }

  #takeSymbol(symbol: string): boolean {
    const found = isSymbol(this.#peek(), symbol);
    if (found) {
      this.#next += 1;
    }
    return found;
  }

  #expect(symbol: string, description: string): void {
    if (!this.#takeSymbol(symbol)) {
      throw this.#unexpected(this.#peek(), description);
    }
  }

  #check(token: Token, fault: SyntaxFault | undefined): void {
    if (fault !== undefined) {
      throw this.#error(fault.reason, token.position + fault.offset);
    }
  }

  #unexpected(token: Token, expected: string): SelectorError {
    const found = token === this.#end ? 'the end' : `'${token.text}'`;
    return this.#error(`expected ${expected}, found ${found}`, token.position);
  }

  #error(reason: string, position: number): SelectorError {
    return new SelectorError(
      `Cannot parse label selector ${JSON.stringify(this.#text)}: ${reason} at position ${position}`,
      { position },
    );
  }
}

function isSymbol(token: Token, symbol: string): boolean {
  return token.isSymbol && token.text === symbol;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  // A symbol as long as possible, or a word: everything up to a symbol or white space.
  for (const match of text.matchAll(/(==|!=|[=!(),<>])|[^=!(),<> \t\r\n]+/g)) {
    tokens.push({ text: match[0], position: match.index, isSymbol: match[1] !== undefined });
  }
  return tokens;
}
