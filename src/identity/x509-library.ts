// The library needs this polyfill to be there before it: import it from here, and from nowhere else.
import 'reflect-metadata';
export * from '@peculiar/x509';
