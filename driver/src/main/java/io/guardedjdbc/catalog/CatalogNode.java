package io.guardedjdbc.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One named object of the catalog while a map is being built. Not thread-safe. */
final class CatalogNode {
  /** What kind of name it is. */
  enum Kind {
    RELATION,
    FUNCTION,
    OPERATOR,
    TYPE,
    /** What a write to a relation evaluates; has no name of its own. */
    EXPRESSION
  }

  final Kind kind;
  final long oid;
  final @Nullable String schema;
  final String name;

  /** {@code schema.name} as the registry would spell it. */
  final String spelling;

  /** Of a type: what its arrays are called, and how SQL's grammar spells it. */
  final List<String> otherNames = new ArrayList<>(0);

  /** {@code pg_class.relkind}; 0 for what is no relation. */
  char relkind;

  /** {@code pg_proc.provolatile}; 0 for what is no function. */
  char volatility;

  boolean plpgsql;

  /** Ours, by name and owner: leads nowhere. */
  boolean exempt;

  /** Runs or reads what its definition does not show. */
  boolean opaque;

  /** What it does by itself that no rollback undoes, for a person; empty where nothing is known. */
  final Set<String> irrevocable = new TreeSet<>();

  /** What a read of this evaluates. */
  final List<CatalogNode> reads = new ArrayList<>(2);

  /** What only a write to it evaluates: triggers, rules, checks. */
  final List<CatalogNode> writes = new ArrayList<>(0);

  /** What table steps and declared edges say that its rows are made of. */
  final List<CatalogNode> filledFrom = new ArrayList<>(0);

  final List<CatalogNode> readBy = new ArrayList<>(2);
  final List<CatalogNode> writtenBy = new ArrayList<>(0);

  /** Inheritance children. */
  final List<CatalogNode> children = new ArrayList<>(0);

  CatalogNode(Kind kind, long oid, @Nullable String schema, String name, String spelling) {
    this.kind = kind;
    this.oid = oid;
    this.schema = schema;
    this.name = name;
    this.spelling = spelling;
  }

  void doesForGood(String what) {
    irrevocable.add(what + " in " + plainName());
  }

  void reads(CatalogNode other) {
    if (other != this) {
      reads.add(other);
      other.readBy.add(this);
    }
  }

  void writeEvaluates(CatalogNode other) {
    if (other != this) {
      writes.add(other);
      other.writtenBy.add(this);
    }
  }

  /** All that its rows come from: what it reads, and what it is filled from. */
  List<CatalogNode> sources() {
    if (filledFrom.isEmpty()) {
      return reads;
    }
    List<CatalogNode> all = new ArrayList<>(reads);
    all.addAll(filledFrom);
    return all;
  }

  boolean isPlainView() {
    return relkind == 'v';
  }

  boolean isMaterialized() {
    return relkind == 'm';
  }

  boolean isFunction() {
    return kind == Kind.FUNCTION;
  }

  /** For messages and patterns: unquoted, as a person would write it. */
  String plainName() {
    return schema == null ? name : schema + "." + name;
  }

  @Override
  public String toString() {
    return kind + " " + spelling;
  }
}
