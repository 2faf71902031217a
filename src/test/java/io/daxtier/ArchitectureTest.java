package io.daxtier;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Holds the arrows between the rooms of docs/architecture.md. */
class ArchitectureTest {

  /** What any room may use besides the JDK: annotations that leave no trace at run time. */
  private static final String[] ANNOTATIONS = {
    "org.jspecify.annotations..", "com.google.errorprone.annotations.."
  };

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.daxtier");

  @Test
  void memory_usesTheJdkOnly() {
    onlyUses("memory", "the native boundary must be readable and testable on its own");
  }

  @Test
  void device_usesMemory() {
    onlyUses("device", "a device is a mapping with a state, and knows nothing of slots", "memory");
  }

  @Test
  void slot_usesDevice() {
    onlyUses("slot", "the store is the core that every way in shares", "device", "memory");
  }

  @Test
  void eviction_usesSlot() {
    onlyUses("eviction", "policies see the store and not who fills it", "slot", "device", "memory");
  }

  @Test
  void resp_usesSlot() {
    onlyUses("resp", "the data plane runs without Spring and meters", "slot", "device", "memory");
  }

  @Test
  void command_usesTheJdkOnly() {
    classes()
        .that(resideInAPackage(room("command")))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("java..", "javax.net.ssl..", room("command"))
                .or(resideInAnyPackage(ANNOTATIONS)))
        .because("a command must be over before Spring would have started")
        .check(CLASSES);
  }

  @Test
  void reconfigure_usesDeviceAndSlot() {
    roomUsesNoRoomBut(
        "reconfigure",
        "operators reach devices through the store, not a way in",
        "slot",
        "device",
        "memory");
  }

  @Test
  void monitor_usesSnapshots() {
    roomUsesNoRoomBut(
        "monitor",
        "what operators see comes from the rooms that do the work, not from other ways in",
        "device",
        "slot",
        "eviction",
        "resp");
  }

  @Test
  void foreignFunctions_stayInMemory() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.daxtier.memory..")
        .should()
        .dependOnClassesThat(belongToAnyOf(Linker.class, Arena.class))
        .because(
            "a native call or a lifetime outside memory escapes its rules for faults and close")
        .check(CLASSES);
  }

  @Test
  void config_isKnownByNone() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.daxtier.config..")
        .should()
        .dependOnClassesThat(resideInAPackage("io.daxtier.config.."))
        .because("config wires everything, so a use of it would be a cycle")
        .check(CLASSES);
  }

  @Test
  void rooms_haveNoCycles() {
    slices()
        .matching("io.daxtier.(*)..")
        .should()
        .beFreeOfCycles()
        .because("a room must be understood, tested and replaced without the rooms above it")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void packages_areNullMarked() {
    assertThat(CLASSES)
        .allSatisfy(
            type ->
                assertThat(type.getPackage().isAnnotatedWith(NullMarked.class))
                    .as("%s is in a @NullMarked package", type.getName())
                    .isTrue());
  }

  /** A room of the core: the JDK, the annotations and the named rooms. */
  private static void onlyUses(String room, String reason, String... rooms) {
    classes()
        .that(resideInAPackage(room(room)))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("java..")
                .or(resideInAnyPackage("sun.nio.ch"))
                .or(resideInAnyPackage(ANNOTATIONS))
                .or(resideInAnyPackage(rooms(room, rooms))))
        .because(reason)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  private static void roomUsesNoRoomBut(String room, String reason, String... rooms) {
    noClasses()
        .that(resideInAPackage(room(room)))
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.daxtier..").and(resideInAnyPackage(rooms(room, rooms)).negate()))
        .because(reason)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  private static String[] rooms(String own, String... others) {
    return Stream.concat(Stream.of(own), Arrays.stream(others))
        .map(ArchitectureTest::room)
        .toArray(String[]::new);
  }

  private static String room(String name) {
    return "io.daxtier." + name + "..";
  }
}
