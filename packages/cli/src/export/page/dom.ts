/** As much of the DOM as the page uses. Nothing here takes markup: all content is text. */

export interface PageFile {
  readonly name: string;
  arrayBuffer(): Promise<ArrayBuffer>;
  text(): Promise<string>;
}

export interface PageElement {
  textContent: string | null;
  className: string;
  value?: string;
  readonly files?: ArrayLike<PageFile> | null;
  append(...children: readonly (PageElement | string)[]): void;
  replaceChildren(...children: readonly (PageElement | string)[]): void;
  addEventListener(type: string, listener: () => void): void;
}

export interface PageDocument {
  getElementById(id: string): PageElement | null;
  createElement(tag: string): PageElement;
}
