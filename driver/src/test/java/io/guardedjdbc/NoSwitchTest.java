package io.guardedjdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.guardedjdbc.error.GuardRefusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Nothing that ships can switch a protection off; only a test in the guard's package can. */
class NoSwitchTest {
  private static final Set<String> EXCHANGEABLE =
      Set.of("Protections", "Rules", "Caller", "Undo", "Validator", "Decision", "Before");

  @Test
  void everyPropertyAtEveryValueStillRefusesWhatIsNotCertified() throws SQLException {
    try (CertifiedStore store = new CertifiedStore()) {
      store.status("FAILED");
      for (GuardProperty property : GuardProperty.values()) {
        for (String value : values(property)) {
          Properties properties = new Properties();
          properties.setProperty(property.key(), value);
          try (Connection connection =
              Objects.requireNonNull(new GuardedDriver().connect(store.url(), properties))) {
            if (value.equals("observe")) {
              assertThat(CertifiedStore.ids(connection, CertifiedStore.READ)).hasSize(3);
            } else {
              assertThatThrownBy(() -> CertifiedStore.ids(connection, CertifiedStore.READ))
                  .as("%s=%s", property.key(), value)
                  .isInstanceOf(GuardRefusal.class);
            }
          }
        }
      }
    }
  }

  private static List<String> values(GuardProperty property) {
    return property.choices().isEmpty()
        ? switch (property) {
          case ENTRYPOINTS, REFUSED -> List.of("ml.labels");
          case MAX_AGE, LEASE, REGISTRY_TIMEOUT -> List.of("1ms", "1d");
          case REGISTRY -> List.of("audit.t0_cert_registry", "ml.labels");
          case CERTIFICATE -> List.of("1", "2");
          case SNAPSHOT -> List.of("00000003-0000001B-1");
          default -> throw new AssertionError("give " + property + " its values here");
        }
        : property.choices();
  }

  @Test
  void whatTestsExchangeIsOutOfReachOfApplications() {
    var guard =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.guardedjdbc.guard");
    List<JavaClass> exchangeable =
        guard.stream().filter(type -> EXCHANGEABLE.contains(type.getSimpleName())).toList();
    assertThat(exchangeable).hasSameSizeAs(EXCHANGEABLE);
    assertThat(exchangeable).noneMatch(type -> type.getModifiers().contains(JavaModifier.PUBLIC));
    for (JavaClass type : guard) {
      for (JavaMethod method : type.getMethods()) {
        if (method.getModifiers().contains(JavaModifier.PUBLIC)
            && type.getModifiers().contains(JavaModifier.PUBLIC)) {
          assertThat(method.getRawParameterTypes())
              .as(method.getFullName())
              .doesNotContainAnyElementsOf(exchangeable)
              .noneMatch(parameter -> parameter.getName().startsWith("java.util.function"));
        }
      }
    }
  }
}
