import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.annotation.processing.SupportedAnnotationTypes;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.TypeParameterElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.type.TypeVariable;
import javax.lang.model.type.WildcardType;
import javax.lang.model.util.ElementFilter;
import javax.tools.ToolProvider;

/**
 * Writes the {@code Delegating*} classes: plain Java that forwards every method of the JDBC and
 * pgjdbc interfaces, so that only what differs is written by hand and a method that could let a row
 * out unguarded is abstract until somebody has guarded it.
 *
 * <p>Run in source mode: {@code java Delegates.java <output directory> <class path with pgjdbc>}.
 * The interfaces are read through javac's model of {@code --release 17}, never by reflection: the
 * output is the same on every JDK that builds.
 *
 * <p>One file of more than 400 lines, as source mode runs one file.
 */
public final class Delegates {

  private static final int RELEASE = 17;
  private static final String PACKAGE = "io.guardedjdbc.jdbc";

  /**
   * One class to write.
   *
   * @param field name of the field that holds pgjdbc's object
   * @param interfaces what it implements; the field has the type of the first, pgjdbc's object is
   *     known to implement all
   * @param superclass hand-written class in between, which forwards all of {@code inherited}
   *     already; empty for a root
   * @param context types of what the superclass's constructor takes besides the delegate, and
   *     before it
   */
  private record Facade(
      String name,
      String field,
      List<String> interfaces,
      Optional<String> superclass,
      List<String> inherited,
      List<String> context) {

    static Facade root(String simpleName, String... interfaces) {
      return new Facade(
          "Delegating" + simpleName,
          "delegate",
          List.of(interfaces),
          Optional.empty(),
          List.of(),
          List.of());
    }

    static Facade sub(
        String simpleName, String field, String superclass, String inherited, String... context) {
      var interfaces = List.of("java.sql." + simpleName);
      return new Facade(
          "Delegating" + simpleName,
          field,
          interfaces,
          Optional.of(superclass),
          List.of(inherited),
          List.of(context));
    }
  }

  private static final String CONNECTION = "GuardedConnection";
  private static final String FACTS = "io.guardedjdbc.guard.PreparedFacts";

  private static final List<Facade> FACADES =
      List.of(
          Facade.root("Array", "java.sql.Array"),
          Facade.root("Connection", "java.sql.Connection", "org.postgresql.PGConnection"),
          Facade.root("DatabaseMetaData", "java.sql.DatabaseMetaData"),
          Facade.root("ResultSet", "java.sql.ResultSet", "org.postgresql.PGRefCursorResultSet"),
          Facade.root("Statement", "java.sql.Statement", "org.postgresql.PGStatement"),
          Facade.sub(
              "PreparedStatement",
              "prepared",
              "GuardedStatement",
              "java.sql.Statement",
              CONNECTION),
          Facade.sub(
              "CallableStatement",
              "callable",
              "GuardedPreparedStatement",
              "java.sql.PreparedStatement",
              CONNECTION,
              FACTS));

  /** Whoever holds one of these can send SQL or read rows. */
  private static final Set<String> POWERFUL =
      Set.of(
          "java.sql.Connection",
          "java.sql.Statement",
          "java.sql.PreparedStatement",
          "java.sql.CallableStatement",
          "java.sql.ResultSet",
          "java.sql.DatabaseMetaData",
          "org.postgresql.copy.CopyManager",
          "org.postgresql.fastpath.Fastpath",
          "org.postgresql.replication.PGReplicationConnection");

  /**
   * Names of methods that send SQL, besides {@code execute*} and {@code prepare*}; and of those
   * that give the delegate away.
   */
  private static final Set<String> OURS =
      Set.of(
          "addBatch",
          "nativeSQL",
          "refreshRow",
          "insertRow",
          "updateRow",
          "deleteRow",
          "unwrap",
          "isWrapperFor");

  /** How a method is written. */
  private enum Rule {
    ABSTRACT,
    FORWARD,
    FINAL
  }

  /**
   * The hooks: declared where first used in a line of classes, so that the hand-written class must
   * say what they do.
   */
  private enum Hook {
    OUT(
        "/** What comes out as an array, an object or a type variable. */",
        "abstract <T> T out(T value) throws java.sql.SQLException;"),
    IN(
        "/** What goes in as an array or an object: a facade is replaced by its delegate. */",
        "abstract <T> T in(T value);"),
    GUARD(
        "/** Facade of a result set that pgjdbc made from SQL of its own. */",
        "abstract java.sql.ResultSet guard(java.sql.ResultSet rows);"),
    RELEASED(
        "/** The delegate, if what the last call gave back may be seen. */",
        "abstract java.sql.CallableStatement released() throws java.sql.SQLException;");

    final String comment;
    final String declaration;

    Hook(String comment, String declaration) {
      this.comment = comment;
      this.declaration = declaration;
    }

    boolean isCalledIn(String body) {
      String call = name().toLowerCase(Locale.ROOT) + "(";
      return body.contains(" " + call) || body.contains("(" + call);
    }
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2) {
      throw new IllegalArgumentException(
          "usage: java Delegates.java <output directory> <class path with pgjdbc>");
    }
    Path directory = Path.of(arguments[0]).resolve(PACKAGE.replace('.', '/'));
    Files.createDirectories(directory);
    var options =
        List.of("--release", Integer.toString(RELEASE), "-proc:only", "-classpath", arguments[1]);
    var task =
        ToolProvider.getSystemJavaCompiler()
            .getTask(null, null, null, options, List.of("java.sql.Connection"), null);
    task.setProcessors(List.of(new Writer(directory)));
    if (!task.call()) {
      throw new IllegalStateException("javac could not read the interfaces from " + arguments[1]);
    }
  }

  /**
   * Sees the interfaces as an annotation processor does: the only door to javac's model in the
   * standard API.
   */
  @SupportedAnnotationTypes("*")
  private static final class Writer extends AbstractProcessor {

    private final Path directory;
    private final Map<String, Set<Hook>> hooksByClass = new TreeMap<>();

    Writer(Path directory) {
      this.directory = directory;
    }

    @Override
    public SourceVersion getSupportedSourceVersion() {
      return SourceVersion.latest();
    }

    @Override
    public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
      if (!round.processingOver()) {
        FACADES.forEach(this::write);
      }
      return false;
    }

    private void write(Facade facade) {
      var members = members(facade);
      Path file = directory.resolve(facade.name() + ".java");
      try (var out = new PrintWriter(Files.newBufferedWriter(file))) {
        header(out, facade);
        members.values().forEach(member -> out.print(member));
        hooks(out, facade, String.join("", members.values()));
        out.print("}\n");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void header(PrintWriter out, Facade facade) {
      String type = facade.interfaces().get(0);
      var arguments = new StringBuilder();
      var parameters = new StringBuilder();
      for (String context : facade.context()) {
        String name = "c" + (facade.context().indexOf(context) + 1) + ", ";
        arguments.append(name);
        parameters.append(context).append(' ').append(name);
      }
      out.printf("package %s;%n%n", PACKAGE);
      out.printf(
          "/** Forwards {@link %s} to pgjdbc. Generated by Delegates.java: change that program, not this file. */%n",
          type);
      out.print("@org.jspecify.annotations.NullUnmarked\n@SuppressWarnings(\"deprecation\")\n");
      out.printf(
          "abstract class %s%s implements %s {%n%n",
          facade.name(),
          facade.superclass().map(s -> " extends " + s).orElse(""),
          String.join(", ", facade.interfaces()));
      out.printf(
          "  /** pgjdbc's own. Never handed out. */%n  final %s %s;%n%n", type, facade.field());
      out.printf("  %s(%s%s %s) {%n", facade.name(), parameters, type, facade.field());
      if (facade.superclass().isPresent()) {
        out.printf("    super(%s%s);%n", arguments, facade.field());
      }
      out.printf("    this.%1$s = %1$s;%n  }%n", facade.field());
      if (facade.superclass().isEmpty()) {
        out.printf(
            "%n  @Override%n  public String toString() {%n    return %s.toString();%n  }%n",
            facade.field());
      }
    }

    private void hooks(PrintWriter out, Facade facade, String body) {
      Set<Hook> known = new HashSet<>();
      for (var above = facade.superclass(); above.isPresent(); above = superclassOf(above.get())) {
        known.addAll(
            hooksByClass.getOrDefault(above.get().replace("Guarded", "Delegating"), Set.of()));
      }
      for (Hook hook : Hook.values()) {
        if (hook.isCalledIn(body) && known.add(hook)) {
          out.printf("%n  %s%n  %s%n", hook.comment, hook.declaration);
        }
      }
      hooksByClass.put(facade.name(), known);
    }

    private static Optional<String> superclassOf(String guarded) {
      String name = guarded.replace("Guarded", "Delegating");
      return FACADES.stream()
          .filter(facade -> facade.name().equals(name))
          .findFirst()
          .flatMap(Facade::superclass);
    }

    /**
     * Texts of the methods by name and erased signature: the order in which a JDK lists them must
     * not matter.
     */
    private TreeMap<String, String> members(Facade facade) {
      var inherited = new HashSet<String>();
      facade
          .inherited()
          .forEach(type -> methods(type).forEach(method -> inherited.add(signature(method))));
      var members = new TreeMap<String, String>();
      for (String type : facade.interfaces()) {
        String target =
            type.equals(facade.interfaces().get(0))
                ? facade.field()
                : "((" + type + ") " + facade.field() + ")";
        for (ExecutableElement method : methods(type)) {
          if (!inherited.contains(signature(method))) {
            members.putIfAbsent(signature(method), text(facade, target, method));
          }
        }
      }
      return members;
    }

    private List<ExecutableElement> methods(String type) {
      var elements = processingEnv.getElementUtils();
      return ElementFilter.methodsIn(elements.getAllMembers(elements.getTypeElement(type))).stream()
          .filter(method -> method.getEnclosingElement().getKind().isInterface())
          .filter(method -> !method.getModifiers().contains(Modifier.STATIC))
          .toList();
    }

    private String signature(ExecutableElement method) {
      var types = processingEnv.getTypeUtils();
      return method.getSimpleName()
          + method.getParameters().stream()
              .map(p -> text(types.erasure(p.asType())))
              .collect(joining(",", "(", ")"));
    }

    private String text(Facade facade, String target, ExecutableElement method) {
      Rule rule = rule(facade, method);
      var text = new StringBuilder("\n  @Override\n");
      if (processingEnv.getElementUtils().isDeprecated(method)) {
        text.append("  @Deprecated\n");
      }
      text.append("  public ")
          .append(rule == Rule.FORWARD ? "" : rule.name().toLowerCase(Locale.ROOT) + " ")
          .append(declaration(method));
      if (rule == Rule.ABSTRACT) {
        return text.append(";\n").toString();
      }
      String call =
          (facade.field().equals("callable") && isGetter(method) ? "released()" : target)
              + call(method);
      String hooked = hook(facade, method).map(hook -> hook + "(" + call + ")").orElse(call);
      boolean isVoid = method.getReturnType().getKind() == TypeKind.VOID;
      return text.append(" {\n    ")
          .append(isVoid ? "" : "return ")
          .append(hooked)
          .append(";\n  }\n")
          .toString();
    }

    private static Rule rule(Facade facade, ExecutableElement method) {
      String name = method.getSimpleName().toString();
      boolean powerful =
          POWERFUL.contains(text(method.getReturnType())) && hook(facade, method).isEmpty();
      if (powerful
          || describes(facade, method)
          || OURS.contains(name)
          || name.startsWith("execute")
          || name.startsWith("prepare")) {
        return Rule.ABSTRACT;
      }
      TypeMirror type = method.getReturnType();
      boolean value = type.getKind().isPrimitive() || text(type).equals("java.lang.String");
      return facade.interfaces().contains("java.sql.ResultSet") && isGetter(method) && value
          ? Rule.FINAL
          : Rule.FORWARD;
    }

    /** A prepared statement sends its text for its columns and parameters, too. */
    private static boolean describes(Facade facade, ExecutableElement method) {
      return facade.name().equals("DelegatingPreparedStatement")
          && text(method.getReturnType()).endsWith("MetaData");
    }

    private static boolean isGetter(ExecutableElement method) {
      String name = method.getSimpleName().toString();
      return name.startsWith("get") || name.equals("wasNull");
    }

    private static Optional<String> hook(Facade facade, ExecutableElement method) {
      TypeMirror type = method.getReturnType();
      if (facade.name().equals("DelegatingDatabaseMetaData")
          && text(type).equals("java.sql.ResultSet")) {
        return Optional.of("guard");
      }
      return type.getKind() == TypeKind.TYPEVAR || isWrapped(type)
          ? Optional.of("out")
          : Optional.empty();
    }

    private static boolean isWrapped(TypeMirror type) {
      return text(type).equals("java.sql.Array") || text(type).equals("java.lang.Object");
    }

    private static String call(ExecutableElement method) {
      var arguments = new ArrayList<String>();
      for (var parameter : method.getParameters()) {
        String argument = "p" + (arguments.size() + 1);
        arguments.add(isWrapped(parameter.asType()) ? "in(" + argument + ")" : argument);
      }
      return "." + method.getSimpleName() + "(" + String.join(", ", arguments) + ")";
    }

    private static String declaration(ExecutableElement method) {
      var parameters = new ArrayList<String>();
      for (var parameter : method.getParameters()) {
        parameters.add(text(parameter.asType()) + " p" + (parameters.size() + 1));
      }
      String generics =
          method.getTypeParameters().isEmpty()
              ? ""
              : method.getTypeParameters().stream()
                  .map(Writer::text)
                  .collect(joining(", ", "<", "> "));
      String thrown =
          method.getThrownTypes().isEmpty()
              ? ""
              : method.getThrownTypes().stream()
                  .map(Writer::text)
                  .collect(joining(", ", " throws ", ""));
      return generics
          + text(method.getReturnType())
          + " "
          + method.getSimpleName()
          + "("
          + String.join(", ", parameters)
          + ")"
          + thrown;
    }

    private static String text(TypeParameterElement parameter) {
      String bounds =
          parameter.getBounds().stream()
              .map(Writer::text)
              .filter(bound -> !bound.equals("java.lang.Object"))
              .collect(joining(" & "));
      return parameter.getSimpleName() + (bounds.isEmpty() ? "" : " extends " + bounds);
    }

    /**
     * A type as source text, without the annotations that {@code TypeMirror.toString} would add.
     */
    private static String text(TypeMirror type) {
      if (type instanceof ArrayType array) {
        return text(array.getComponentType()) + "[]";
      }
      if (type instanceof WildcardType wildcard) {
        return "?"
            + bound(" extends ", wildcard.getExtendsBound())
            + bound(" super ", wildcard.getSuperBound());
      }
      if (type instanceof DeclaredType declared && type.getKind() == TypeKind.DECLARED) {
        String name = ((TypeElement) declared.asElement()).getQualifiedName().toString();
        var arguments = declared.getTypeArguments();
        return arguments.isEmpty()
            ? name
            : name + arguments.stream().map(Writer::text).collect(joining(", ", "<", ">"));
      }
      return type.getKind() == TypeKind.TYPEVAR
          ? ((TypeVariable) type).asElement().getSimpleName().toString()
          : type.getKind().name().toLowerCase(Locale.ROOT);
    }

    private static String bound(String keyword, TypeMirror bound) {
      return bound == null ? "" : keyword + text(bound);
    }
  }
}
